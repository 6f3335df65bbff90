// Where the GPU jobs run. The jobs themselves are in gpu-worker.bicep: they come with their image.

param location string
param tags object
param token string
param isPrivate bool
param subnetId string
param workspaceName string
param insightsName string

@description('Workload profiles that the stages use.')
param profiles string[]

var profileTypes = {
  cpu: 'Consumption'
  'gpu-t4': 'Consumption-GPU-NC8as-T4'
  'gpu-a100': 'Consumption-GPU-NC24-A100'
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: workspaceName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

// A preview version: the stable ones, up to 2026-01-01, do not know the OpenTelemetry agent.
resource environment 'Microsoft.App/managedEnvironments@2025-10-02-preview' = {
  name: 'cae-${token}'
  location: location
  tags: tags
  properties: {
    // Profiles of this kind are paid by the second of a running job; none has instances of its own.
    workloadProfiles: map(union(['cpu'], profiles), profile => {
      name: profile == 'cpu' ? 'Consumption' : profile
      workloadProfileType: profileTypes[profile]
    })
    publicNetworkAccess: 'Disabled' // nothing here is called, whatever the network
    vnetConfiguration: isPrivate ? { infrastructureSubnetId: subnetId, internal: true } : null
    appLogsConfiguration: { destination: 'azure-monitor' } // by the setting below, without the workspace's key
    appInsightsConfiguration: { connectionString: insights.properties.ConnectionString }
    openTelemetryConfiguration: {
      tracesConfiguration: { destinations: ['appInsights'] }
      logsConfiguration: { destinations: ['appInsights'] }
    }
  }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: environment
  properties: {
    workspaceId: workspace.id
    logs: [
      { category: 'ContainerAppConsoleLogs', enabled: true }
      { category: 'ContainerAppSystemLogs', enabled: true }
    ]
  }
}

output name string = environment.name
