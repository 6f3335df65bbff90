// One identity for each role. Who holds one can do that and nothing else.

param location string
param tags object
param token string

resource functions 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-functions-${token}'
  location: location
  tags: tags
}

resource worker 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-worker-${token}'
  location: location
  tags: tags
}

@description('Fetches the image; the program in the container gets no token for it.')
resource pull 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-pull-${token}'
  location: location
  tags: tags
}

output functionsName string = functions.name
output workerName string = worker.name
output pullName string = pull.name
output functionsPrincipalId string = functions.properties.principalId
output workerPrincipalId string = worker.properties.principalId
