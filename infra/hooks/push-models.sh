#!/bin/sh
# After `azd provision`: uploads the model packages named in IMAGIC_MODEL_FOLDERS (separated by colons) to the container
# `models`. With none named nothing is done: the embedded model is in the image.
set -eu

folders=${IMAGIC_MODEL_FOLDERS:-}
[ -n "$folders" ] || exit 0

: "${AZURE_STORAGE_BLOB_ENDPOINT:?run this by azd, which sets it: azd hooks run postprovision}"
: "${AZURE_STORAGE_QUEUE_ENDPOINT:?run this by azd, which sets it: azd hooks run postprovision}"

root=$(cd "$(dirname "$0")/../.." && pwd)
# With the identity of whoever is logged in to azd or az; provisioning gave it the container.
export ImagicStorage__blobServiceUri="$AZURE_STORAGE_BLOB_ENDPOINT"
export ImagicStorage__queueServiceUri="$AZURE_STORAGE_QUEUE_ENDPOINT"

IFS=:
for folder in $folders; do
    "$root/imagic" models push "$folder" || {
        echo "The model in '$folder' was not uploaded. A role that has just been given may take minutes to count: azd hooks run postprovision" >&2
        exit 1
    }
done
