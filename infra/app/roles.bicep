// Who may do what, each at the narrowest scope that works. The worker and the function app renew and give back
// messages, which is the data action messages/write: the role Storage Queue Data Message Processor lacks it, so they
// hold Storage Queue Data Contributor, on single queues.

import { eventsQueue, poisonSuffix, roles, stageQueues, webhooksQueue } from 'names.bicep'

param storageName string
param hostStorageName string
param registryName string
param insightsName string
param functionsIdentity string
param workerIdentity string
param pullIdentity string

@description('Object id of whoever deploys, who uploads models; empty for nobody.')
param deployerId string

@allowed(['User', 'ServicePrincipal', 'Group'])
param deployerType string

resource functions 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: functionsIdentity
}

resource worker 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: workerIdentity
}

resource pull 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: pullIdentity
}

resource storage 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: storageName
}

resource hostStorage 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: hostStorageName
}

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' existing = {
  name: registryName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

type grant = { who: string, what: string, where: string }

var functionsId = functions.properties.principalId
var workerId = worker.properties.principalId

var containerGrants grant[] = [
  { who: 'functions', what: roles.blobDataContributor, where: 'uploads' } // reads pictures, writes *.problem.json
  { who: 'functions', what: roles.blobDataContributor, where: 'tickets' } // signs keys for single pictures, reads them, sweeps what is left
  { who: 'functions', what: roles.blobDataContributor, where: 'index' }
  { who: 'functions', what: roles.blobDataContributor, where: 'edits' } // writes source and record, signs addresses of results
  { who: 'functions', what: roles.blobDataContributor, where: 'tunings' } // lets edits refer to them, sweeps those that none refers to
  { who: 'functions', what: roles.blobDataContributor, where: 'batches' }
  { who: 'functions', what: roles.blobDataReader, where: 'models' } // the size that a model works at
  { who: 'worker', what: roles.blobDataContributor, where: 'edits' }
  { who: 'worker', what: roles.blobDataContributor, where: 'tunings' }
  { who: 'worker', what: roles.blobDataContributor, where: 'index' } // an edit that has ended is listed so
  { who: 'worker', what: roles.blobDataContributor, where: 'batches' } // summary and contact sheet
  { who: 'worker', what: roles.blobDataContributor, where: 'models' } // keeps what it fetches from a hub
]

var queueGrants grant[] = concat(
  flatten(map(stageQueues, queue => [
    { who: 'functions', what: roles.queueMessageSender, where: queue }
    { who: 'worker', what: roles.queueDataContributor, where: queue } // takes, renews, sends the next; its length is what KEDA asks for
    { who: 'worker', what: roles.queueMessageSender, where: '${queue}${poisonSuffix}' }
  ])),
  [
    { who: 'functions', what: roles.queueDataReader, where: stageQueues[0] } // the health check asks whether it is there
    { who: 'functions', what: roles.queueDataContributor, where: eventsQueue }
    { who: 'functions', what: roles.queueDataContributor, where: '${eventsQueue}${poisonSuffix}' } // written by the host, read by OnPoisonMessage
    { who: 'functions', what: roles.queueDataContributor, where: webhooksQueue }
    { who: 'functions', what: roles.queueMessageSender, where: '${webhooksQueue}${poisonSuffix}' } // written by the host
    { who: 'worker', what: roles.queueMessageSender, where: webhooksQueue } // an edit that has ended is told
  ]
)

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2024-01-01' existing = {
  parent: storage
  name: 'default'
}

resource container 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' existing = [
  for grant in containerGrants: {
    parent: blobs
    name: grant.where
  }
]

resource onContainer 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (grant, i) in containerGrants: {
    name: guid(container[i].id, grant.who == 'worker' ? worker.id : functions.id, grant.what)
    scope: container[i]
    properties: {
      principalId: grant.who == 'worker' ? workerId : functionsId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', grant.what)
    }
  }
]

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2024-01-01' existing = {
  parent: storage
  name: 'default'
}

resource queue 'Microsoft.Storage/storageAccounts/queueServices/queues@2024-01-01' existing = [
  for grant in queueGrants: {
    parent: queueService
    name: grant.where
  }
]

resource onQueue 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (grant, i) in queueGrants: {
    name: guid(queue[i].id, grant.who == 'worker' ? worker.id : functions.id, grant.what)
    scope: queue[i]
    properties: {
      principalId: grant.who == 'worker' ? workerId : functionsId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', grant.what)
    }
  }
]

// Keys to single blobs are signed by a delegation key, which is asked of the account.
resource functionsDelegate 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storage.id, functions.id, roles.blobDelegator)
  scope: storage
  properties: {
    principalId: functionsId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.blobDelegator)
  }
}

resource functionsHost 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(hostStorage.id, functions.id, roles.blobDataOwner)
  scope: hostStorage
  properties: {
    principalId: functionsId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.blobDataOwner)
  }
}

resource functionsTelemetry 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, functions.id, roles.monitoringMetricsPublisher)
  scope: insights
  properties: {
    principalId: functionsId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.monitoringMetricsPublisher
    )
  }
}

resource imagePull 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registry.id, pull.id, roles.acrPull)
  scope: registry
  properties: {
    principalId: pull.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.acrPull)
  }
}

resource models 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' existing = {
  parent: blobs
  name: 'models'
}

resource deployerModels 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(deployerId)) {
  name: guid(models.id, deployerId, roles.blobDataContributor)
  scope: models
  properties: {
    principalId: deployerId
    principalType: deployerType
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.blobDataContributor)
  }
}
