// Subnets of the private network, one each for the function app, the workers and the private endpoints.

param location string
param tags object
param token string

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: 'vnet-${token}'
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: ['10.0.0.0/16'] }
    subnets: [
      {
        name: 'functions'
        properties: {
          addressPrefix: '10.0.0.0/24'
          delegations: [{ name: 'flex', properties: { serviceName: 'Microsoft.App/environments' } }]
        }
      }
      {
        name: 'workers'
        properties: {
          addressPrefix: '10.0.2.0/23'
          delegations: [{ name: 'environment', properties: { serviceName: 'Microsoft.App/environments' } }]
        }
      }
      {
        name: 'endpoints'
        properties: { addressPrefix: '10.0.1.0/24', privateEndpointNetworkPolicies: 'Disabled' }
      }
    ]
  }

  resource functions 'subnets' existing = { name: 'functions' }
  resource workers 'subnets' existing = { name: 'workers' }
  resource endpoints 'subnets' existing = { name: 'endpoints' }
}

output networkId string = network.id
output functionsSubnetId string = network::functions.id
output workersSubnetId string = network::workers.id
output endpointsSubnetId string = network::endpoints.id
