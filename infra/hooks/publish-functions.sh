#!/bin/sh
# Before `azd package`: makes functions/dist, the folder that is zipped and deployed. The handler brings its own .NET,
# because the `custom` runtime of Flex Consumption promises none.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
dist="$root/functions/dist"

command -v dotnet >/dev/null || {
    echo "There is no 'dotnet'. Install the .NET 10 SDK: https://dotnet.microsoft.com/download" >&2
    exit 1
}

rm -rf "$dist"
# Outputs apart from those of other builds, whose restored packages know no runtime identifier.
dotnet publish "$root/functions/Imagic.Functions" -c Release -r linux-x64 --self-contained \
    --artifacts-path "$root/artifacts/deploy" -o "$dist" --nologo -v quiet

[ -x "$dist/Imagic.Functions" ] || {
    echo "$dist/Imagic.Functions is missing or may not be executed; the function app could not start it." >&2
    exit 1
}
