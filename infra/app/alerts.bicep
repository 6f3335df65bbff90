// What somebody must look at. Metrics of the queue service say how many messages the whole account has, once an hour,
// and nothing of single queues or of age; what needs more is asked of its log.

import { poisonSuffix } from 'names.bicep'

param location string
param tags object
param token string
param queueServiceId string
param workspaceName string

@description('Who is told; empty for nobody, the alerts are then only in the portal.')
param email string

@description('Messages on all queues that are a backlog.')
param backlog int

@description('Minutes for which a stage may have messages and nobody who works.')
param stalledMinutes int

@description('Limit of the resource group a month, in the currency of the subscription; 0 for none. Needs an address.')
param budget int

@description('First day of the budget, yyyy-MM-01. It cannot be changed later.')
param budgetStart string

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: workspaceName
}

resource team 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${token}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'imagic'
    emailReceivers: empty(email) ? [] : [{ name: 'operator', emailAddress: email, useCommonAlertSchema: true }]
  }
}

// The part of the address between the host and the next slash.
var queueOf = 'extend Queue = extract(@"^https?://[^/]+/([a-z0-9-]+)", 1, Uri)'

var questions = [
  {
    name: 'poison-queue'
    text: 'A message came to a poison queue: an edit failed for good, or a dropped file could not be handled.'
    severity: 1
    window: 'PT15M'
    query: 'StorageQueueLogs | where OperationName == "PutMessage" and StatusText == "Success" | QUEUE | where Queue endswith "POISON" | project TimeGenerated, Queue'
  }
  {
    name: 'failed-edits'
    text: 'Edits ended as failed; their records say why.'
    severity: 2
    window: 'PT15M'
    query: 'ContainerAppConsoleLogs | extend Entry = parse_json(Log) | where tostring(Entry.State.State) == "Failed" | project TimeGenerated, Edit = tostring(Entry.State.EditId), Problem = tostring(Entry.State.Problem)'
  }
  {
    name: 'stalled-stage'
    text: 'A stage has messages, and for a while nobody has taken, renewed or finished one: no GPU, or no image.'
    severity: 1
    window: 'P1D'
    // A worker renews its message every 25 s, so a stage that is worked on has UpdateMessage all the time. Without it, a
    // stage stands still since the last work, if a message from before is left, or else since the first message after.
    query: '''
let Calls = StorageQueueLogs
| where OperationName in ("PutMessage", "UpdateMessage", "DeleteMessage") and StatusText == "Success"
| QUEUE
| where Queue startswith "stage-" and Queue !endswith "POISON";
let Work = Calls | where OperationName != "PutMessage" | summarize Worked = max(TimeGenerated) by Queue;
Calls
| join kind=leftouter Work on Queue
| summarize Left = countif(OperationName == "PutMessage" and TimeGenerated <= Worked) - countif(OperationName == "DeleteMessage"),
    Next = minif(TimeGenerated, OperationName == "PutMessage" and (isnull(Worked) or TimeGenerated > Worked)),
    Worked = take_any(Worked) by Queue
| extend Since = iff(Left > 0, Worked, Next)
| where Since < ago(MINUTESm)
'''
  }
]

resource question 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for it in questions: {
    name: 'alert-${it.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: it.name
      description: it.text
      severity: it.severity
      enabled: true
      scopes: [workspace.id]
      evaluationFrequency: 'PT15M'
      windowSize: it.window
      skipQueryValidation: true // the tables appear with the first log
      autoMitigate: true
      criteria: {
        allOf: [
          {
            query: replace(
              replace(replace(it.query, 'QUEUE', queueOf), 'POISON', poisonSuffix),
              'MINUTES',
              string(stalledMinutes)
            )
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: [team.id] }
    }
  }
]

resource backlogAlert 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'alert-backlog'
  location: 'global'
  tags: tags
  properties: {
    description: 'More messages wait than the workers get done; poison queues count too.'
    severity: 2
    enabled: true
    scopes: [queueServiceId]
    evaluationFrequency: 'PT1H'
    windowSize: 'PT6H'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'messages'
          criterionType: 'StaticThresholdCriterion'
          metricNamespace: 'Microsoft.Storage/storageAccounts/queueServices'
          metricName: 'QueueMessageCount'
          timeAggregation: 'Average'
          operator: 'GreaterThan'
          threshold: backlog
        }
      ]
    }
    actions: [{ actionGroupId: team.id }]
  }
}

resource limit 'Microsoft.Consumption/budgets@2023-11-01' = if (budget > 0 && !empty(email)) {
  name: 'budget-${token}'
  properties: {
    category: 'Cost'
    amount: budget
    timeGrain: 'Monthly'
    timePeriod: { startDate: budgetStart }
    notifications: {
      half: { enabled: true, operator: 'GreaterThan', threshold: 50, thresholdType: 'Actual', contactEmails: [email] }
      forecast: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 100
        thresholdType: 'Forecasted'
        contactEmails: [email]
      }
      all: { enabled: true, operator: 'GreaterThan', threshold: 100, thresholdType: 'Actual', contactEmails: [email] }
    }
  }
}
