// Names that several files share. Containers and queues are those of functions/Imagic.Contracts/StoragePaths.cs;
// a test holds that they are the same.

@export()
var containers = ['uploads', 'tickets', 'edits', 'tunings', 'index', 'batches', 'models']

@export()
@description('Events that could not be delivered. Not in StoragePaths: no program reads it.')
var deadLetterContainer = 'events-dead-letter'

@export()
var stages = ['optimize', 'finetune', 'finetune-sr', 'sample']

@export()
var stageQueues = map(stages, stage => 'stage-${stage}')

@export()
var eventsQueue = 'storage-events'

@export()
var webhooksQueue = 'webhooks'

@export()
var poisonSuffix = '-poison'

@export()
@description('Built-in roles by their ids, which are the same in every tenant.')
var roles = {
  acrPull: '7f951dda-4ed3-4680-a7ca-43fe172d538d'
  blobDataContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  blobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
  blobDataReader: '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'
  blobDelegator: 'db58b8e5-c6ad-4a2a-8342-4190687cbf4a'
  monitoringMetricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb'
  queueDataContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
  queueDataReader: '19e7f393-937e-4f77-808e-94535e297925'
  keyVaultCryptoUser: '12338af0-0e69-4776-bea7-57ae8d297424'
  keyVaultReader: '21090545-7ca7-4776-b22c-e363652d74d2'
  queueMessageSender: 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a'
}

@export()
@description('Name of the function app; the storage account lets the page under it in, and is made before.')
func functionAppName(token string) string => 'func-${token}'
