// Imagic.Cloud in an empty subscription: `azd up`. What it makes, and from where each shape is: README.md.
targetScope = 'subscription'

@minLength(1)
@maxLength(64)
@description('Name of the azd environment; the names of all resources follow from it.')
param environmentName string

@minLength(1)
@description('Region of everything. It must offer Flex Consumption and the GPU profiles that are asked for.')
@metadata({ azd: { type: 'location' } })
param location string

@description('true: virtual network, private endpoints and private names; accounts, registry and API have no public address. Deploying, and following an address of a result, then only works from inside the network.')
param privateNetwork bool = false

@description('Most instances of the function app.')
@minValue(40)
@maxValue(1000)
param functionsMaxInstances int = 40

@description('Memory of an instance of the function app, in MB.')
@allowed([512, 2048, 4096])
param functionsMemory int = 2048

@description('Models that may be asked for, separated by commas; the first is the default.')
param models string = 'emoji-64'

@description('What one edit may compute, in passes of the UNet at the model\'s own size: a training step counts 3 for each noise, a sampling step 1 or 2 for each picture. 0 is no limit.')
@minValue(0)
param editBudget int = 38400

@description('Most edits that have not ended; 0 is no limit.')
@minValue(0)
param maxUnderWay int = 1000

@description('Most of them that one caller has asked for; 0 is no limit.')
@minValue(0)
param maxUnderWayPerCaller int = 100

@description('Where optimizing the embedding runs.')
@allowed(['cpu', 'gpu-t4', 'gpu-a100'])
param optimizeProfile string = 'gpu-a100'

@description('Where fine-tuning runs. The weights of Stable Diffusion 1.5 with gradients and moments take some 14 GB in float32, and activations come on top.')
@allowed(['cpu', 'gpu-t4', 'gpu-a100'])
param finetuneProfile string = 'gpu-a100'

@description('Where sampling runs.')
@allowed(['cpu', 'gpu-t4', 'gpu-a100'])
param sampleProfile string = 'gpu-t4'

@description('Redundancy of pictures, checkpoints and models.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS'])
param storageSku string = 'Standard_LRS'

@description('Days for which dropped pictures are kept.')
@minValue(7)
@maxValue(3650)
param uploadDays int = 30

@description('Days after which edits move to the cool tier, which costs less to keep and more to read.')
@minValue(7)
@maxValue(3650)
param coolAfterDays int = 30

@description('Days after which everything of an edit is deleted that has not changed since, whether it has ended or not; 0 keeps it until somebody deletes it.')
@minValue(0)
@maxValue(3650)
param editDays int = 0

@description('Days for which a deleted or overwritten blob can be brought back. Superseded checkpoints are kept, and paid for, as long; 0 keeps none.')
@minValue(0)
@maxValue(365)
param recoveryDays int = 3

@description('Days for which logs are kept.')
@minValue(30)
@maxValue(730)
param logDays int = 30

@description('Most gigabytes of logs a day.')
@minValue(1)
@maxValue(100)
param logGigabytes int = 1

@description('Where traces and metrics of the function app go by OTLP, besides what the host sends to Application Insights. Empty for nowhere.')
param otlpEndpoint string = ''

@description('Address of the secret in a key vault that webhooks are signed with, such as https://NAME.vault.azure.net/secrets/webhooks. Empty calls none.')
param webhookSecretUri string = ''

@description('Hosts of webhooks that may be at private addresses and need no https, separated by commas.')
param webhookHosts string = ''

@description('Rules of the use policy, a JSON object in base64; empty for none.')
param usePolicy string = ''

@description('Address of the certificate in a key vault that results are signed with, such as https://NAME.vault.azure.net/certificates/imagic. Empty: each process makes one that nobody vouches for.')
param signingCertificate string = ''

@description('Certificates that vouch for it, as PEM, the nearest first and without the root.')
param signingChain string = ''

@description('Resource group of that key vault.')
param signingVaultGroup string = ''

@description('Who is told of alerts and costs; empty for nobody.')
param alertEmail string = ''

@description('Waiting messages that are a backlog.')
@minValue(1)
param alertBacklog int = 100

@description('Minutes for which a stage may have messages and nobody who works.')
@minValue(15)
@maxValue(300)
param alertStalledMinutes int = 45

@description('Limit of costs a month that is warned of, in the currency of the subscription; 0 for none.')
@minValue(0)
param monthlyBudget int = 100

@description('First month of the budget, yyyy-MM-01; empty for this month. azd keeps the first answer: Azure does not let it change.')
param budgetStart string = ''

@description('The current month.')
param thisMonth string = utcNow('yyyy-MM-01')

@description('Object id of whoever deploys; gets the container of models to upload to. Empty for nobody.')
param principalId string = ''

@description('What that is.')
@allowed(['User', 'ServicePrincipal', 'Group'])
param principalType string = 'User'

var token = toLower(uniqueString(subscription().id, environmentName, location))
var tags = { 'azd-env-name': environmentName }
var firstMonth = empty(budgetStart) ? thisMonth : budgetStart

resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identities 'app/identities.bicep' = {
  scope: group
  params: { location: location, tags: tags, token: token }
}

module monitoring 'app/monitoring.bicep' = {
  scope: group
  params: { location: location, tags: tags, token: token, retentionDays: logDays, dailyGigabytes: logGigabytes }
}

module network 'app/network.bicep' = if (privateNetwork) {
  scope: group
  params: { location: location, tags: tags, token: token }
}

module storage 'app/storage.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    sku: storageSku
    isPrivate: privateNetwork
    workspaceName: monitoring.outputs.workspaceName
    uploadDays: uploadDays
    editDays: editDays
    coolAfterDays: coolAfterDays
    recoveryDays: recoveryDays
  }
}

module hostStorage 'app/host-storage.bicep' = {
  scope: group
  params: { location: location, tags: tags, token: token, isPrivate: privateNetwork }
}

module registry 'app/registry.bicep' = {
  scope: group
  params: { location: location, tags: tags, token: token, isPrivate: privateNetwork }
}

module roles 'app/roles.bicep' = {
  scope: group
  params: {
    storageName: storage.outputs.name
    hostStorageName: hostStorage.outputs.name
    registryName: registry.outputs.name
    insightsName: monitoring.outputs.insightsName
    functionsIdentity: identities.outputs.functionsName
    workerIdentity: identities.outputs.workerName
    pullIdentity: identities.outputs.pullName
    deployerId: principalId
    deployerType: principalType
  }
}

module signingRoles 'app/signing-roles.bicep' = if (!empty(signingCertificate)) {
  scope: resourceGroup(empty(signingVaultGroup) ? group.name : signingVaultGroup)
  params: {
    // The compiler works out names of what is not made too.
    vaultName: empty(signingCertificate) ? 'unused' : split(split(signingCertificate, '/')[2], '.')[0]
    principalIds: [identities.outputs.functionsPrincipalId, identities.outputs.workerPrincipalId]
  }
}

module events 'app/events.bicep' = {
  scope: group
  params: { location: location, tags: tags, token: token, storageName: storage.outputs.name }
}

module functions 'app/functions.bicep' = {
  scope: group
  dependsOn: [roles] // the host reads its account as it starts
  params: {
    location: location
    tags: tags
    token: token
    isPrivate: privateNetwork
    subnetId: network.?outputs.functionsSubnetId ?? ''
    identityName: identities.outputs.functionsName
    storageName: storage.outputs.name
    hostStorageName: hostStorage.outputs.name
    packageContainer: hostStorage.outputs.packageContainer
    insightsName: monitoring.outputs.insightsName
    models: models
    budget: editBudget
    maxUnderWay: maxUnderWay
    maxUnderWayPerCaller: maxUnderWayPerCaller
    webhookSecretUri: webhookSecretUri
    webhookHosts: webhookHosts
    usePolicy: usePolicy
    signingCertificate: signingCertificate
    signingChain: signingChain
    maxInstances: functionsMaxInstances
    memoryMegabytes: functionsMemory
    otlpEndpoint: otlpEndpoint
  }
}

module workerEnvironment 'app/worker-environment.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    isPrivate: privateNetwork
    subnetId: network.?outputs.workersSubnetId ?? ''
    workspaceName: monitoring.outputs.workspaceName
    insightsName: monitoring.outputs.insightsName
    profiles: [optimizeProfile, finetuneProfile, sampleProfile]
  }
}

module privateEndpoints 'app/private-endpoints.bicep' = if (privateNetwork) {
  scope: group
  params: {
    location: location
    tags: tags
    networkId: network.?outputs.networkId ?? ''
    subnetId: network.?outputs.endpointsSubnetId ?? ''
    storageName: storage.outputs.name
    hostStorageName: hostStorage.outputs.name
    registryName: registry.outputs.name
    functionAppName: functions.outputs.name
  }
}

module alerts 'app/alerts.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    queueServiceId: storage.outputs.queueServiceId
    workspaceName: monitoring.outputs.workspaceName
    email: alertEmail
    backlog: alertBacklog
    stalledMinutes: alertStalledMinutes
    budget: monthlyBudget
    budgetStart: firstMonth
  }
}

// azd keeps these in its environment: for itself, for the hooks and for app/gpu-worker.parameters.json.
output AZURE_LOCATION string = location
output AZURE_RESOURCE_GROUP string = group.name
output AZURE_CONTAINER_REGISTRY_ENDPOINT string = registry.outputs.loginServer
output AZURE_CONTAINER_REGISTRY_NAME string = registry.outputs.name
output AZURE_CONTAINER_ENVIRONMENT_NAME string = workerEnvironment.outputs.name
output AZURE_STORAGE_ACCOUNT_NAME string = storage.outputs.name
output AZURE_STORAGE_BLOB_ENDPOINT string = storage.outputs.blobEndpoint
output AZURE_STORAGE_QUEUE_ENDPOINT string = storage.outputs.queueEndpoint
output SERVICE_FUNCTIONS_NAME string = functions.outputs.name
output SERVICE_FUNCTIONS_URI string = functions.outputs.uri
output IMAGIC_WORKER_IDENTITY_NAME string = identities.outputs.workerName
output IMAGIC_PULL_IDENTITY_NAME string = identities.outputs.pullName
output IMAGIC_SIGNING_CERTIFICATE string = signingCertificate
output IMAGIC_SIGNING_CHAIN string = signingChain
output IMAGIC_OPTIMIZE_PROFILE string = optimizeProfile
output IMAGIC_FINETUNE_PROFILE string = finetuneProfile
output IMAGIC_SAMPLE_PROFILE string = sampleProfile
output IMAGIC_BUDGET_START string = firstMonth
