// The data account: pictures, edits, models and the queues between the stages.

import { containers, deadLetterContainer, eventsQueue, functionAppName, poisonSuffix, stageQueues, webhooksQueue } from 'names.bicep'

param location string
param tags object
@minLength(13)
param token string
param sku string
param isPrivate bool
param workspaceName string

@description('Days after which a dropped picture is deleted. A started edit has its own copy.')
param uploadDays int

@description('Days after which what belongs to an edit moves to the cool tier.')
param coolAfterDays int

@description('Days after which what belongs to an edit is deleted; 0 keeps it.')
param editDays int

@description('Days for which a deleted or overwritten blob can be brought back; 0 for none.')
param recoveryDays int

// Opt-in: a rule cannot tell a finished edit from one that has waited as long for a GPU.
var deleteEdits = editDays == 0 ? [] : [
  {
    name: 'delete-edits'
    enabled: true
    type: 'Lifecycle'
    definition: {
      filters: { blobTypes: ['blockBlob'], prefixMatch: ['edits/'] }
      actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: editDays } } }
    }
  }
]

var queues = flatten(map(concat(stageQueues, [eventsQueue, webhooksQueue]), queue => [queue, '${queue}${poisonSuffix}']))

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: 'st${token}'
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: sku }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: {
      defaultAction: isPrivate ? 'Deny' : 'Allow'
      bypass: 'AzureServices' // Event Grid delivers with its system-assigned identity as a trusted service
    }
    // The keys that the function app signs live fifteen minutes at most.
    sasPolicy: { sasExpirationPeriod: '00.01:00:00', expirationAction: 'Log' }
  }

  resource blobs 'blobServices' = {
    name: 'default'
    properties: {
      containerDeleteRetentionPolicy: { enabled: true, days: 7 }
      // Whoever takes over a worker or the function app can delete, but not for good. Superseded checkpoints stay as long, too.
      deleteRetentionPolicy: recoveryDays == 0 ? { enabled: false } : { enabled: true, days: recoveryDays }
      // The page of the function app puts pictures here and reads results, each under an address that is signed for it.
      cors: {
        corsRules: [
          {
            allowedOrigins: ['https://${functionAppName(token)}.azurewebsites.net']
            allowedMethods: ['GET', 'HEAD', 'PUT']
            allowedHeaders: ['content-type', 'range', 'x-ms-blob-type']
            exposedHeaders: ['content-length', 'etag']
            maxAgeInSeconds: 3600
          }
        ]
      }
    }

    resource container 'containers' = [
      for name in concat(containers, [deadLetterContainer]): {
        name: name
        properties: { publicAccess: 'None' }
      }
    ]
  }

  resource queueService 'queueServices' = {
    name: 'default'

    resource queue 'queues' = [for name in queues: { name: name }]
  }

  // Superseded checkpoints and what dead workers left are deleted by the worker, which alone knows what an edit still
  // needs: a rule sees prefix, age and index tags, and an edit may wait for a GPU for longer than any age.
  resource lifecycle 'managementPolicies' = {
    name: 'default'
    dependsOn: [blobs]
    properties: {
      policy: {
        rules: concat(deleteEdits, [
          {
            name: 'delete-dropped-pictures'
            enabled: true
            type: 'Lifecycle'
            definition: {
              filters: { blobTypes: ['blockBlob'], prefixMatch: ['uploads/'] }
              actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: uploadDays } } }
            }
          }
          {
            // The function app sweeps them every hour; this is what is left when it does not run.
            name: 'delete-tickets'
            enabled: true
            type: 'Lifecycle'
            definition: {
              filters: { blobTypes: ['blockBlob', 'appendBlob'], prefixMatch: ['tickets/'] }
              actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 2 } } }
            }
          }
          {
            name: 'delete-undelivered-events'
            enabled: true
            type: 'Lifecycle'
            definition: {
              filters: { blobTypes: ['blockBlob', 'appendBlob'], prefixMatch: ['${deadLetterContainer}/'] }
              actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 30 } } }
            }
          }
          {
            name: 'cool-edits'
            enabled: true
            type: 'Lifecycle'
            definition: {
              filters: { blobTypes: ['blockBlob'], prefixMatch: ['edits/'] }
              actions: { baseBlob: { tierToCool: { daysAfterModificationGreaterThan: coolAfterDays } } }
            }
          }
        ])
      }
    }
  }
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: workspaceName
}

// Metrics of the queue service have no dimension for the queue; its log has the queue in the address of each call.
resource queueLog 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'queues'
  scope: account::queueService
  properties: {
    workspaceId: workspace.id
    logs: [
      { category: 'StorageWrite', enabled: true }
      { category: 'StorageDelete', enabled: true }
    ]
  }
}

output name string = account.name
output queueServiceId string = account::queueService.id
output blobEndpoint string = account.properties.primaryEndpoints.blob
output queueEndpoint string = account.properties.primaryEndpoints.queue
