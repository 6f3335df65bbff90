using System.Globalization;
using Imagic.Runtime.Storage;

namespace Imagic.LocalHost.Handler;

/// <summary>The variables that the host gives to a handler.</summary>
internal static class HandlerEnvironment
{
    /// <summary>Variables for one start of the handler.</summary>
    /// <param name="options">What the host was given; its settings win over the storage connection.</param>
    /// <param name="appFolder">Full path of the app.</param>
    /// <param name="port">Port that the handler must listen on.</param>
    /// <param name="workerId">Name of this start.</param>
    /// <param name="address">Where the host is reached.</param>
    public static Dictionary<string, string> Create(LocalHostOptions options, string appFolder, int port, Guid workerId, Uri address)
    {
        var portText = port.ToString(CultureInfo.InvariantCulture);
        var variables = new Dictionary<string, string>
        {
            ["FUNCTIONS_WORKER_RUNTIME"] = "custom",
            ["WEBSITE_HOSTNAME"] = address.Authority,
        };
        AddConnection(variables, StorageOptions.Connection, options.Storage);
        AddConnection(variables, "AzureWebJobsStorage", options.Storage);
        foreach (var (name, value) in options.Settings) variables[name] = value;
        // These are the host's to say.
        variables["FUNCTIONS_CUSTOMHANDLER_PORT"] = portText;
        variables["FUNCTIONS_CUSTOMHANDLER_WORKER_ID"] = workerId.ToString("D");
        variables["FUNCTIONS_APP_ROOT_PATH"] = appFolder;
        variables["FUNCTIONS_HTTPWORKER_PORT"] = portText;
        variables["FUNCTIONS_HTTPWORKER_ID"] = workerId.ToString("D");
        return variables;
    }

    private static void AddConnection(Dictionary<string, string> variables, string name, StorageOptions storage)
    {
        if (storage.ConnectionString is { } connectionString) variables[name] = connectionString;
        if (storage.BlobServiceUri is { } blobs) variables[$"{name}__blobServiceUri"] = blobs.AbsoluteUri;
        if (storage.QueueServiceUri is { } queues) variables[$"{name}__queueServiceUri"] = queues.AbsoluteUri;
        if (storage.ClientId is { } client) variables[$"{name}__clientId"] = client;
    }
}
