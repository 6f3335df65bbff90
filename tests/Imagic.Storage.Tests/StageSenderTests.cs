using System.Diagnostics;
using Azure.Storage.Queues.Models;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Tests;

namespace Imagic.Storage.Tests;

public class StageSenderTests(AzuriteFixture azurite)
{
    [Theory]
    [InlineData(EditStage.Optimize)]
    [InlineData(EditStage.FineTune)]
    [InlineData(EditStage.Sample)]
    public async Task Send_PutsAMessageOnTheQueueOfTheStageThatNeverExpires(EditStage stage)
    {
        var token = TestContext.Current.CancellationToken;
        var account = await azurite.NewAccountAsync();
        using var activity = new Activity("request").Start();

        await new StageSender(account).SendAsync(EditId.Parse("cat"), stage, token);

        QueueMessage[] messages = await account.Queues.GetQueueClient(StoragePaths.StageQueue(stage)).ReceiveMessagesAsync(32, cancellationToken: token);
        var queued = Assert.Single(messages);
        var message = Versioning.Read(QueueText.Decode(queued.MessageText), ContractsJsonContext.Default.StageMessage, "the message");
        Assert.Equal((EditId.Parse("cat"), stage, activity.Id), (message.EditId, message.Stage, message.TraceParent));
        Assert.True(queued.ExpiresOn is null || queued.ExpiresOn > queued.InsertedOn + TimeSpan.FromDays(365));
    }
}
