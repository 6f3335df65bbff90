using System.Security.Cryptography;
using Imagic.LocalHost.Azurite;
using Imagic.Storage;

[assembly: AssemblyFixture(typeof(Imagic.Tests.AzuriteFixture))]

namespace Imagic.Tests;

/// <summary>One Azurite for all tests of an assembly; each test takes an account of its own.</summary>
public sealed class AzuriteFixture : IAsyncLifetime
{
    private readonly AzuriteAccount[] _accounts =
        [.. Enumerable.Range(0, 1000).Select(i => new AzuriteAccount($"test{i}", Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))))];

    private AzuriteProcess? _azurite;
    private int _taken;

    public async ValueTask InitializeAsync() =>
        _azurite = await AzuriteProcess.StartAsync(null, 0, 0, _accounts, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_azurite is not null) await _azurite.DisposeAsync();
    }

    /// <summary>How to reach an empty account.</summary>
    public StorageOptions NewOptions() => _azurite!.Options(_accounts[Interlocked.Increment(ref _taken)]);

    /// <summary>An account with all containers and queues and nothing in them.</summary>
    public async Task<StorageAccount> NewAccountAsync()
    {
        var account = new StorageAccount(NewOptions());
        await account.EnsureCreatedAsync(TestContext.Current.CancellationToken);
        return account;
    }
}
