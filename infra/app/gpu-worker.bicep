// One event-driven job for each stage, all of one image, so that sampling may run on a smaller GPU than tuning.
// `azd deploy gpu-worker` deploys this file once it has pushed the image: no job ever exists without the real program,
// which a placeholder image would, and it would be started for waiting edits.

import { stageQueues, stages } from 'names.bicep'

@description('Name of the azd environment.')
param environmentName string
param location string

@description('The image that azd has pushed.')
param image string
param containerEnvironmentName string
param storageName string
param registryName string
param workerIdentityName string
param pullIdentityName string

@description('Workload profile of each stage.')
@allowed(['cpu', 'gpu-t4', 'gpu-a100'])
param optimizeProfile string
@allowed(['cpu', 'gpu-t4', 'gpu-a100'])
param finetuneProfile string
@allowed(['cpu', 'gpu-t4', 'gpu-a100'])
param sampleProfile string

@description('Models that may be asked for, separated by commas. Those named hub:OWNER/NAME@REVISION are fetched into the storage account by the first worker that needs them.')
param models string

@description('Whether a model\'s safety checker looks at results.')
@allowed(['on', 'off'])
param safety string

@description('Whether results carry the invisible watermark.')
@allowed(['on', 'off'])
param watermark string

@description('Address of the certificate in a key vault that results are signed with; empty makes one that nobody vouches for.')
param signingCertificate string = ''

@description('Certificates that vouch for it, as PEM.')
param signingChain string = ''

@description('Executions of a stage at a time. Text, because azd passes its values as text.')
param maxExecutions string

@description('Seconds after which an execution is ended; its work goes on from the newest checkpoint.')
param replicaTimeout string

var profiles = [optimizeProfile, finetuneProfile, finetuneProfile, sampleProfile] // in the order of the stages; both tunings run on the same

// The whole of what a replica of the profile may have: a GPU is never shared. Cores are text because Bicep has no fractions.
var sizes = {
  cpu: { name: 'Consumption', cpu: '4', memory: '8Gi' }
  'gpu-t4': { name: 'gpu-t4', cpu: '8', memory: '56Gi' }
  'gpu-a100': { name: 'gpu-a100', cpu: '24', memory: '220Gi' }
}

var signing = empty(signingCertificate) ? [] : [
  { name: 'IMAGIC_SIGNING_CERTIFICATE', value: signingCertificate }
  { name: 'IMAGIC_SIGNING_CHAIN', value: signingChain }
]

resource environment 'Microsoft.App/managedEnvironments@2025-01-01' existing = {
  name: containerEnvironmentName
}

resource storage 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: storageName
}

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' existing = {
  name: registryName
}

resource worker 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: workerIdentityName
}

resource pull 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: pullIdentityName
}

resource job 'Microsoft.App/jobs@2025-01-01' = [
  for (stage, i) in stages: {
    name: 'job-${stage}'
    location: location
    // azd looks a service up by this tag and takes one resource only; it deploys all from here all the same.
    tags: union({ 'azd-env-name': environmentName }, i == 0 ? { 'azd-service-name': 'gpu-worker' } : {})
    identity: { type: 'UserAssigned', userAssignedIdentities: { '${worker.id}': {}, '${pull.id}': {} } }
    properties: {
      environmentId: environment.id
      workloadProfileName: sizes[profiles[i]].name
      configuration: {
        triggerType: 'Event'
        replicaTimeout: int(replicaTimeout)
        replicaRetryLimit: 2 // GPU replicas are known to fail before the image is pulled
        registries: [{ server: registry.properties.loginServer, identity: pull.id }]
        identitySettings: [{ identity: pull.id, lifecycle: 'None' }] // the program in the container gets no token for it
        eventTriggerConfig: {
          parallelism: 1
          replicaCompletionCount: 1
          scale: {
            minExecutions: 0
            maxExecutions: int(maxExecutions)
            pollingInterval: 15
            rules: [
              {
                name: 'queue'
                type: 'azure-queue'
                identity: worker.id
                // Messages that are being worked on count too, and so do running executions, which are subtracted.
                metadata: { accountName: storage.name, queueName: stageQueues[i], queueLength: '1' }
              }
            ]
          }
        }
      }
      template: {
        containers: [
          {
            name: 'worker'
            image: image
            args: ['--once', '--stages', stage] // of imagic-worker, the image's entry point
            resources: { cpu: json(sizes[profiles[i]].cpu), memory: sizes[profiles[i]].memory }
            env: concat([
              { name: 'ImagicStorage__blobServiceUri', value: storage.properties.primaryEndpoints.blob }
              { name: 'ImagicStorage__queueServiceUri', value: storage.properties.primaryEndpoints.queue }
              { name: 'ImagicStorage__clientId', value: worker.properties.clientId }
              { name: 'ImagicModels', value: models }
              { name: 'IMAGIC_SAFETY', value: safety }
              { name: 'IMAGIC_WATERMARK', value: watermark }
              { name: 'IMAGIC_LOG', value: 'json' }
            ], signing)
          }
        ]
      }
    }
  }
]
