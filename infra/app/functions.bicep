// The function app on Flex Consumption: no instance while nothing happens.

import { functionAppName } from 'names.bicep'

param location string
param tags object
param token string
param isPrivate bool
param subnetId string
param identityName string
param storageName string
param hostStorageName string
param packageContainer string
param insightsName string
param models string

@description('What one edit may compute, in passes of the UNet at the model\'s own size; 0 is no limit.')
@minValue(0)
param budget int

@description('Most edits that have not ended; 0 is no limit.')
@minValue(0)
param maxUnderWay int

@description('Most of them that one caller has asked for; 0 is no limit.')
@minValue(0)
param maxUnderWayPerCaller int

@description('Address of the secret in a key vault that webhooks are signed with; empty calls none.')
param webhookSecretUri string

@description('Hosts of webhooks that may be at private addresses, separated by commas.')
param webhookHosts string

@description('Rules of the use policy, a JSON object in base64; empty for none.')
param usePolicy string

@description('Address of the certificate in a key vault that pictures are signed with; empty makes one.')
param signingCertificate string

@description('Certificates that vouch for it, as PEM.')
param signingChain string

param maxInstances int
param memoryMegabytes int

@description('Where traces and metrics of the worker process go by OTLP; empty for nowhere.')
param otlpEndpoint string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: identityName
}

resource storage 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: storageName
}

resource hostStorage 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: hostStorageName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: 'plan-${token}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: functionAppName(token)
  location: location
  tags: union(tags, { 'azd-service-name': 'functions' })
  kind: 'functionapp,linux'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identity.id}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identity.id
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    virtualNetworkSubnetId: isPrivate ? subnetId : null
    siteConfig: { minTlsVersion: '1.2', scmMinTlsVersion: '1.2', ftpsState: 'Disabled', http20Enabled: true }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${hostStorage.properties.primaryEndpoints.blob}${packageContainer}'
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identity.id }
        }
      }
      runtime: { name: 'dotnet-isolated', version: '10.0' } // in place of the setting FUNCTIONS_WORKER_RUNTIME
      scaleAndConcurrency: {
        alwaysReady: []
        instanceMemoryMB: memoryMegabytes
        maximumInstanceCount: maxInstances
        // Calls that wait cost next to nothing, and 200 of them may on an instance (ImagicMaxWaits). The platform's own
        // few per instance would start one for every few that wait.
        triggers: { http: { perInstanceConcurrency: 250 } }
      }
    }
  }

  resource settings 'config' = {
    name: 'appsettings'
    properties: union(
      {
        AzureWebJobsStorage__credential: 'managedidentity'
        AzureWebJobsStorage__clientId: identity.properties.clientId
        AzureWebJobsStorage__blobServiceUri: hostStorage.properties.primaryEndpoints.blob
        ImagicStorage__credential: 'managedidentity'
        ImagicStorage__clientId: identity.properties.clientId
        ImagicStorage__blobServiceUri: storage.properties.primaryEndpoints.blob
        ImagicStorage__queueServiceUri: storage.properties.primaryEndpoints.queue
        AzureWebJobsDisableHomepage: 'true' // the page is at /
        ImagicModels: models
        ImagicBudget: string(budget)
        ImagicMaxUnderWay: string(maxUnderWay)
        ImagicMaxUnderWayPerCaller: string(maxUnderWayPerCaller)
        APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
        APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'
      },
      empty(otlpEndpoint) ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint },
      empty(webhookSecretUri) ? {} : { IMAGIC_WEBHOOK_SECRET: '@Microsoft.KeyVault(SecretUri=${webhookSecretUri})' },
      empty(webhookHosts) ? {} : { IMAGIC_WEBHOOK_HOSTS: webhookHosts },
      empty(usePolicy) ? {} : { ImagicUsePolicy: base64ToString(usePolicy) },
      empty(signingCertificate) ? {} : { IMAGIC_SIGNING_CERTIFICATE: signingCertificate },
      empty(signingCertificate) || empty(signingChain) ? {} : { IMAGIC_SIGNING_CHAIN: signingChain }
    )
  }

  // Deployment comes with a token of whoever deploys; the site's own user name and password are off.
  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }

  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }
}

output name string = app.name
output id string = app.id
output uri string = 'https://${app.properties.defaultHostName}'
