#!/bin/sh
# Before `azd package`: makes artifacts/functions, the folder that is zipped and deployed. The handler brings its own .NET,
# because the `custom` runtime of Flex Consumption promises none.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
dist="$root/artifacts/functions"

command -v dotnet >/dev/null || {
    echo "There is no 'dotnet'. Install the .NET 10 SDK: https://dotnet.microsoft.com/download" >&2
    exit 1
}

# Outputs apart from those of other builds, whose restored packages know no runtime identifier.
publish() {
    dotnet publish "$root/functions/Imagic.Functions" -c Release -r linux-x64 \
        --artifacts-path "$root/artifacts/deploy" -o "$dist" --nologo -v quiet "$@"
}

rm -rf "$dist"
case ${IMAGIC_FUNCTIONS_RUNTIME:-custom} in
    custom) publish --self-contained ;;
    dotnet-isolated)
        publish --no-self-contained -p:Packages=Card
        exit
        ;;
    *)
        echo "IMAGIC_FUNCTIONS_RUNTIME is '$IMAGIC_FUNCTIONS_RUNTIME'; there are custom and dotnet-isolated." >&2
        exit 1
        ;;
esac

[ -x "$dist/Imagic.Functions" ] || {
    echo "$dist/Imagic.Functions is missing or may not be executed; the function app could not start it." >&2
    exit 1
}
