using System.Text;
using System.Text.Json;
using Azure.Storage.Queues;
using Imagic.Storage;
using Imagic.Tests;
using Microsoft.Extensions.Logging;

namespace Imagic.LocalHost.Tests;

/// <summary>A line that the test app wrote.</summary>
internal sealed record Recorded(
    string Kind, string Function, string Body, int Process, long Milliseconds, Dictionary<string, string> Headers);

/// <summary>The test app in a folder of its own.</summary>
internal sealed class TestApp : IAsyncDisposable
{
    private static readonly JsonSerializerOptions CaseInsensitive = new() { PropertyNameCaseInsensitive = true };

    private readonly TemporaryFolder _folder = new();
    private readonly KeptLog _log = new();
    private readonly ILoggerFactory _loggers;
    private readonly List<LocalFunctionsHost> _hosts = [];
    private readonly StorageOptions _storage;

    public TestApp(AzuriteFixture azurite)
    {
        _storage = azurite.NewOptions();
        Account = new(_storage);
        _loggers = LoggerFactory.Create(logging => logging.AddProvider(_log));
        Settings["TEST_RECORD"] = Path.Combine(_folder.Path, "record.jsonl");
        Settings["TEST_RELEASE"] = Path.Combine(_folder.Path, "release");
    }

    public StorageAccount Account { get; }

    public string Folder => _folder.Path;

    public string ConnectionString => _storage.ConnectionString!;

    public Dictionary<string, string> Settings { get; } = [];

    public string Timeout { get; init; } = "00:05:00";

    /// <summary>Section <c>extensions.queues</c>.</summary>
    public string Queues { get; init; } = """{ "maxPollingInterval": "00:00:00.2" }""";

    public HttpClient Client { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    public IEnumerable<(LogLevel Level, string Category, string Text)> Log => _log.Lines;

    public IReadOnlyList<Recorded> Records => File.Exists(Settings["TEST_RECORD"])
        ? [.. File.ReadAllText(Settings["TEST_RECORD"]).Split('\n')[..^1].Select(line => JsonSerializer.Deserialize<Recorded>(line, CaseInsensitive)!)]
        : [];

    public IReadOnlyList<Recorded> Begun => [.. Records.Where(record => record.Kind == "begin")];

    public IReadOnlyList<Recorded> Ended => [.. Records.Where(record => record.Kind == "end")];

    /// <summary>Folder of another project's output, in the configuration of the tests.</summary>
    public static string Built(string project) => Path.Combine(
        RepositoryFiles.Root, "artifacts", "bin", project, new DirectoryInfo(AppContext.BaseDirectory).Name);

    /// <summary>Copies the built app, and gives it the settings of this test.</summary>
    public void Write()
    {
        foreach (var file in Directory.EnumerateFiles(Built("Imagic.LocalHost.TestApp"))) File.Copy(file, Path.Combine(Folder, Path.GetFileName(file)), overwrite: true);
        File.WriteAllText(
            Path.Combine(Folder, "host.json"),
            $$"""{ "version": "2.0", "functionTimeout": "{{Timeout}}", "extensions": { "queues": {{Queues}} } }""");
    }

    public async Task<LocalFunctionsHost> StartAsync(Func<LocalHostOptions, LocalHostOptions>? change = null)
    {
        Write();
        var options = new LocalHostOptions
        {
            AppFolder = Folder,
            Port = 0,
            Storage = _storage,
            Settings = Settings,
            EventPollInterval = TimeSpan.FromMilliseconds(100),
        };
        var host = await LocalFunctionsHost.StartAsync(
            change is null ? options : change(options), _loggers, TimeProvider.System, TestContext.Current.CancellationToken);
        _hosts.Add(host);
        Client.BaseAddress = host.Address;
        return host;
    }

    /// <summary>A queue of the account, made if need be.</summary>
    public async Task<QueueClient> QueueAsync(string name)
    {
        var queue = Account.Queues.GetQueueClient(name);
        await queue.CreateIfNotExistsAsync(cancellationToken: TestContext.Current.CancellationToken);
        return queue;
    }

    public async Task SendAsync(string queue, string text) => await (await QueueAsync(queue)).SendMessageAsync(
        QueueText.Encode(Encoding.UTF8.GetBytes(text)), TestContext.Current.CancellationToken);

    /// <summary>Texts of the messages that are visible in a queue.</summary>
    public async Task<IReadOnlyList<string>> PeekAsync(string queue)
    {
        var messages = await (await QueueAsync(queue)).PeekMessagesAsync(32, TestContext.Current.CancellationToken);
        return [.. messages.Value.Select(message => Encoding.UTF8.GetString(QueueText.Decode(message.MessageText)))];
    }

    /// <summary>Messages of a queue, hidden ones too.</summary>
    public async Task<int> CountAsync(string queue) =>
        (await (await QueueAsync(queue)).GetPropertiesAsync(TestContext.Current.CancellationToken)).Value.ApproximateMessagesCount;

    /// <summary>Lets everything go on that the app holds back.</summary>
    public void Release() => File.WriteAllText(Settings["TEST_RELEASE"], "");

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts) await host.DisposeAsync();
        Client.Dispose();
        _loggers.Dispose();
        _log.Dispose();
        _folder.Dispose();
    }
}
