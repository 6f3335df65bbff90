using System.Runtime.ExceptionServices;
using Azure.Storage.Queues.Models;
using Imagic.LocalHost.FunctionRpc;
using Imagic.LocalHost.Http;
using Imagic.Storage;

using Microsoft.Azure.WebJobs;
using Microsoft.Azure.WebJobs.Host;
using Microsoft.Azure.WebJobs.Host.Queues;
using Microsoft.Azure.WebJobs.Host.Timers;
using Microsoft.Azure.WebJobs.Hosting;
using Microsoft.Extensions.Azure;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Imagic.LocalHost.Queues;

/// <summary>
/// Watches the queue of one function with the real host's own listener: a WebJobs host with one function of its own,
/// which brings each message to the worker.
/// </summary>
internal sealed partial class QueueListener(
    QueueFunction function, FunctionApp app, StorageOptions storage, WorkerSupervisor workers, ILoggerFactory loggers, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly ILogger _logger = loggers.CreateLogger<QueueListener>();

    /// <summary>Runs until told to stop, and then until the functions that run have ended.</summary>
    /// <param name="stop">Fetch no more.</param>
    /// <param name="abort">Give up the functions that run; their messages are visible again at once.</param>
    public async Task RunAsync(CancellationToken stop, CancellationToken abort)
    {
        while (!stop.IsCancellationRequested)
        {
            var failed = new ListenerFailure();
            using var host = Build(failed, abort);
            await host.StartAsync(CancellationToken.None);
            await Task.WhenAny(failed.Happened, Task.Delay(Timeout.InfiniteTimeSpan, stop));
            await host.StopAsync(CancellationToken.None);
            if (stop.IsCancellationRequested) return;
            LogUnreachable(_logger, function.Queue, (await failed.Happened).Message);
            await Task.Delay(Pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private IHost Build(ListenerFailure failed, CancellationToken abort)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection(app.HostJson.AsEnumerable()
            .Select(setting => KeyValuePair.Create($"AzureWebJobs:{setting.Key}", setting.Value))
            .Append(KeyValuePair.Create(QueueTriggerFunction.QueueSetting, (string?)function.Queue))
            // Only looked at for being there: the clients are not made of it.
            .Append(KeyValuePair.Create(StorageOptions.Connection, (string?)nameof(PinnedClients))));
        // Of what it says itself only warnings matter; how a message fared is told here.
        builder.Logging.AddProvider(new SameLoggers(loggers)).AddFilter((category, level) =>
            level >= LogLevel.Warning && category?.StartsWith("Microsoft.Azure.WebJobs", StringComparison.Ordinal) == true);
        builder.Services.AddWebJobs(_ => { }).AddAzureStorageQueues();
        builder.Services.AddHostedService<JobHostService>()
            .AddSingleton<IHostLifetime, LoopbackServer.NoLifetime>()
            .Configure<HostOptions>(options => options.ShutdownTimeout = Timeout.InfiniteTimeSpan)
            .AddSingleton<ITypeLocator, QueueTriggerFunction.Locator>()
            .AddSingleton<IWebJobsExceptionHandler>(failed)
            .AddSingleton<AzureComponentFactory>(new PinnedClients(storage))
            .AddSingleton<IQueueProcessorFactory>(new ReleasingProcessor.Factory(abort))
            .AddSingleton(new MessageHandler(function, workers, _logger, abort));
        return builder.Build();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The queue {Queue} cannot be read: {Problem}")]
    private static partial void LogUnreachable(ILogger logger, string queue, string problem);

    /// <summary>What the listener does not get over by itself. Without this it would end the process.</summary>
    private sealed class ListenerFailure : IWebJobsExceptionHandler
    {
        private readonly TaskCompletionSource<Exception> _happened = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Exception> Happened => _happened.Task;

        public void Initialize(JobHost host)
        {
            // It is restarted from outside.
        }

        public Task OnTimeoutExceptionAsync(ExceptionDispatchInfo exceptionInfo, TimeSpan timeoutGracePeriod) => OnUnhandledExceptionAsync(exceptionInfo);

        public Task OnUnhandledExceptionAsync(ExceptionDispatchInfo exceptionInfo)
        {
            _happened.TrySetResult(exceptionInfo.SourceException);
            return Task.CompletedTask;
        }
    }

    private sealed class SameLoggers(ILoggerFactory loggers) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => loggers.CreateLogger(categoryName);

        public void Dispose()
        {
            // They are somebody else's.
        }
    }
}

/// <summary>What the listener calls with each message.</summary>
internal sealed class QueueTriggerFunction(MessageHandler handler)
{
    /// <summary>Setting with the name of the queue.</summary>
    public const string QueueSetting = "Queue";

    [FunctionName("Message")]
    public Task RunAsync([QueueTrigger($"%{QueueSetting}%", Connection = StorageOptions.Connection)] QueueMessage message) => handler.HandleAsync(message);

    internal sealed class Locator : ITypeLocator
    {
        public IReadOnlyList<Type> GetTypes() => [typeof(QueueTriggerFunction)];
    }
}
