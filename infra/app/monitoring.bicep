param location string
param tags object
param token string
param retentionDays int

@description('Gigabytes a day after which nothing more is taken in: a loop that logs must not cost more than a GPU.')
param dailyGigabytes int

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: 'log-${token}'
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionDays
    workspaceCapping: { dailyQuotaGb: dailyGigabytes }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${token}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    // The OpenTelemetry agent of the container environment knows no other way in than the connection string, which
    // lets its holder write telemetry and read nothing.
    DisableLocalAuth: false
  }
}

output workspaceName string = workspace.name
output insightsName string = insights.name
