param location string
param tags object
@minLength(13)
param token string
param isPrivate bool

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' = {
  name: 'cr${token}'
  location: location
  tags: tags
  sku: { name: isPrivate ? 'Premium' : 'Basic' } // private endpoints need Premium
  properties: {
    adminUserEnabled: false
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkRuleBypassOptions: isPrivate ? 'None' : 'AzureServices'
  }
}

output name string = registry.name
output loginServer string = registry.properties.loginServer
