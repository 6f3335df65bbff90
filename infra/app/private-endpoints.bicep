// The accounts, the registry and the function app as addresses of the private network, under their public names.

param location string
param tags object
param networkId string
param subnetId string
param storageName string
param hostStorageName string
param registryName string
param functionAppName string

resource storage 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: storageName
}

resource hostStorage 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: hostStorageName
}

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' existing = {
  name: registryName
}

resource functionApp 'Microsoft.Web/sites@2024-04-01' existing = {
  name: functionAppName
}

var blobZone = 'privatelink.blob.${environment().suffixes.storage}'
var queueZone = 'privatelink.queue.${environment().suffixes.storage}'
var registryZone = 'privatelink${environment().suffixes.acrLoginServer}'
var siteZone = 'privatelink.azurewebsites.net'
var zones = [blobZone, queueZone, registryZone, siteZone]

var targets = [
  { name: 'storage-blob', id: storage.id, group: 'blob', zone: blobZone }
  { name: 'storage-queue', id: storage.id, group: 'queue', zone: queueZone }
  { name: 'host-blob', id: hostStorage.id, group: 'blob', zone: blobZone }
  { name: 'registry', id: registry.id, group: 'registry', zone: registryZone }
  { name: 'functions', id: functionApp.id, group: 'sites', zone: siteZone }
]

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for name in zones: {
    name: name
    location: 'global'
    tags: tags
  }
]

resource link 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (name, i) in zones: {
    parent: zone[i]
    name: 'network'
    location: 'global'
    tags: tags
    properties: { registrationEnabled: false, virtualNetwork: { id: networkId } }
  }
]

module endpoint 'private-endpoint.bicep' = [
  for target in targets: {
    params: {
      location: location
      tags: tags
      subnetId: subnetId
      name: target.name
      targetId: target.id
      group: target.group
      zoneId: zone[indexOf(zones, target.zone)].id
    }
    dependsOn: [link]
  }
]
