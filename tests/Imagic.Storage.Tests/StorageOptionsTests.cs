using Imagic.Contracts;
using Microsoft.Extensions.Configuration;

namespace Imagic.Storage.Tests;

public class StorageOptionsTests
{
    private const string Blob = "ImagicStorage__blobServiceUri";
    private const string Queue = "ImagicStorage__queueServiceUri";

    [Fact]
    public void Read_OfAConnectionString_TakesIt() => Assert.Equal(
        new StorageOptions { ConnectionString = "UseDevelopmentStorage=true" },
        Read(("ImagicStorage", "UseDevelopmentStorage=true"), (Blob, "nonsense")));

    [Fact]
    public void Read_OfAddresses_TakesThemWithTheSystemIdentity()
    {
        var options = Read((Blob, "https://a.blob.core.windows.net"), (Queue, "https://a.queue.core.windows.net"));

        Assert.Equal(("https://a.blob.core.windows.net/", "https://a.queue.core.windows.net/"), ($"{options.BlobServiceUri}", $"{options.QueueServiceUri}"));
        Assert.Null(options.ConnectionString);
        Assert.Null(options.ClientId);
        Assert.True(new StorageAccount(options).UsesIdentity);
    }

    [Theory]
    [InlineData("1234", "1234")]
    [InlineData("", null)]
    public void Read_OfAClientId_TakesItUnlessEmpty(string setting, string? expected) => Assert.Equal(
        expected,
        Read((Blob, "https://a.blob.core.windows.net"), (Queue, "https://a.queue.core.windows.net"), ("ImagicStorage__clientId", setting)).ClientId);

    public static TheoryData<string, string, string> Missing => new()
    {
        { "", "", Blob },
        { "https://a.blob.core.windows.net", "", Queue },
        { "", "https://a.queue.core.windows.net", Blob },
        { "a.blob.core.windows.net", "https://a.queue.core.windows.net", Blob },
        { "/blobs", "https://a.queue.core.windows.net", Blob },
    };

    [Theory]
    [MemberData(nameof(Missing))]
    public void Read_WithoutAnAddress_NamesTheSettingAndTheOtherWay(string blob, string queue, string named)
    {
        var exception = Assert.Throws<BadInputException>(() => Read((Blob, blob), (Queue, queue)));

        Assert.StartsWith($"The setting {named} ", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Set ImagicStorage to a connection string", exception.Message, StringComparison.Ordinal);
    }

    private static StorageOptions Read(params (string Name, string Value)[] settings) =>
        // As the provider of environment variables spells them.
        StorageOptions.Read(new ConfigurationBuilder().AddInMemoryCollection(settings.Select(
            setting => KeyValuePair.Create(setting.Name.Replace("__", ":", StringComparison.Ordinal), (string?)setting.Value))).Build());
}
