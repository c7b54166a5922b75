using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Idempotency.Storage;
using Idempotency.TestServers;
using StackExchange.Redis;

namespace Idempotency.Redis.Tests;

/// <summary>TLS, and users who may do little.</summary>
public sealed class SecureConnectionTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("idempotency-tls-");

    [Fact]
    public async Task It_works_over_TLS_with_a_certificate_that_the_application_trusts()
    {
        using var server = await StartWithTlsAsync();
        var configuration = ConfigurationOptions.Parse($"localhost:{server.TlsPort},ssl=true,sslHost=localhost");
        configuration.CertificateValidation += static (_, certificate, _, _) => certificate!.Subject == "CN=localhost";
        using var connection = await ConnectionMultiplexer.ConnectAsync(configuration);
        using var store = new RedisStore(connection);
        var key = Calls.NewKey();

        await store.CompleteAsync(key, await store.AcquireAsync(key));

        Assert.IsType<Claim.Finished>(await store.ClaimAsync(key));
    }

    [Fact]
    public async Task A_certificate_that_nobody_trusts_is_refused_with_a_word_about_TLS()
    {
        using var server = await StartWithTlsAsync();
        using var store = new RedisStore($"localhost:{server.TlsPort},ssl=true,connectTimeout=1000,connectRetry=1");

        var refusal = await Assert.ThrowsAsync<StoreRefusedException>(() => store.ClaimAsync(Calls.NewKey()).AsTask());

        Assert.Contains("or the TLS certificate.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_who_may_do_only_what_the_documentation_lists_can_do_everything()
    {
        using var server = await StartWithUserAsync("~idempotency:* &idempotency:* -@all +eval +evalsha +get +set +setrange +time +publish +subscribe +unsubscribe +info +ping +echo");
        using var store = new RedisStore($"{server.Address},password=secret");
        var key = Calls.NewKey();
        var owner = await store.AcquireAsync(key);
        var busy = Assert.IsType<Claim.Busy>(await store.ClaimAsync(key));
        var waiting = store.WaitAsync(key, busy.Version, TimeSpan.FromMinutes(1), CancellationToken.None).AsTask();
        await store.RenewAsync(key, owner, TimeSpan.FromSeconds(30), CancellationToken.None);
        await store.AbandonAsync(key, OwnerToken.New(), CancellationToken.None);
        Assert.Equal(OwnerAnswer.Accepted, await store.CompleteAsync(key, owner));
        await waiting.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.IsType<Claim.Finished>(await store.ClaimAsync(key, onCrash: OnCrash.Hold));

        var freed = Calls.NewKey();
        Assert.Equal(OwnerAnswer.Accepted, await store.ReleaseAsync(freed, await store.AcquireAsync(freed), CancellationToken.None));
        Assert.False(await store.ResolveAsync(freed, 1, null, TimeSpan.FromHours(1), CancellationToken.None));
    }

    [Theory]
    [InlineData("~other:* &* +@all")]
    [InlineData("~* &* +@all -eval -evalsha")]
    [InlineData("~* &* +@all -set")]
    public async Task A_user_who_may_not_do_enough_is_refused_for_good(string rights)
    {
        using var server = await StartWithUserAsync(rights);
        using var store = new RedisStore($"{server.Address},password=secret");

        var refusal = await Assert.ThrowsAsync<StoreRefusedException>(() => store.ClaimAsync(Calls.NewKey()).AsTask());

        Assert.Contains("grant what docs/redis.md lists", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_who_may_not_listen_waits_by_looking()
    {
        var log = new LogLines();
        using var server = await StartWithUserAsync("~* resetchannels +@all");
        using var store = new RedisStore($"{server.Address},password=secret", new RedisStoreOptions { PollInterval = TimeSpan.FromMilliseconds(20) }, loggerFactory: log);
        var key = Calls.NewKey();
        var owner = await store.AcquireAsync(key);
        var busy = Assert.IsType<Claim.Busy>(await store.ClaimAsync(key));
        var waiting = store.WaitAsync(key, busy.Version, TimeSpan.FromMinutes(1), CancellationToken.None).AsTask();

        await store.RenewAsync(key, owner, TimeSpan.FromSeconds(30), CancellationToken.None); // another version is something to look at

        await waiting.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_user_who_may_not_publish_takes_over_and_ends_what_others_wait_for()
    {
        using var server = await StartWithUserAsync("~* resetchannels +@all");
        using var store = new RedisStore($"{server.Address},password=secret", new RedisStoreOptions { PollInterval = TimeSpan.FromMilliseconds(20) });
        var key = Calls.NewKey();
        var late = await store.AcquireAsync(key);
        var busy = Assert.IsType<Claim.Busy>(await store.ClaimAsync(key));
        var waiting = store.WaitAsync(key, busy.Version, TimeSpan.FromMinutes(1), CancellationToken.None).AsTask();
        Assert.Equal(OwnerAnswer.Accepted, await store.RenewAsync(key, late, TimeSpan.Zero, CancellationToken.None));
        await waiting;

        var owner = await store.AcquireAsync(key);
        waiting = store.WaitAsync(key, (await store.GetAsync(key, CancellationToken.None))!.Version, TimeSpan.FromMinutes(1), CancellationToken.None).AsTask();
        Assert.Equal(OwnerAnswer.Fenced, await store.CompleteAsync(key, late));
        Assert.Equal(OwnerAnswer.Accepted, await store.CompleteAsync(key, owner));
        await waiting;
    }

    [Fact]
    public async Task A_claim_whose_user_may_not_wait_for_replicas_leaves_nothing_behind()
    {
        using var server = await StartWithUserAsync("~* &* +@all -wait");
        using var waiting = new RedisStore($"{server.Address},password=secret", new RedisStoreOptions { MinReplicas = 1 });
        using var store = new RedisStore($"{server.Address},password=secret");
        var key = Calls.NewKey();

        await Assert.ThrowsAsync<StoreRefusedException>(() => waiting.ClaimAsync(key, onCrash: OnCrash.Hold).AsTask());

        Assert.IsType<Claim.Acquired>(await store.ClaimAsync(key, onCrash: OnCrash.Hold));
    }

    [Fact]
    public async Task Replicas_are_not_waited_for_where_it_is_not_known_whether_that_can_be_done()
    {
        using var server = await StartWithUserAsync("~* &* +@all -info");
        using var store = new RedisStore($"{server.Address},password=secret", new RedisStoreOptions { MinReplicas = 1 });

        var refusal = await Assert.ThrowsAsync<StoreRefusedException>(() => store.ClaimAsync(Calls.NewKey()).AsTask());

        Assert.Contains("Grant the store's user the INFO command.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_argument_is_readable_in_what_the_server_keeps()
    {
        const string Canary = "4111-1111-1111-1111";
        using var server = await RedisServer.StartAsync();
        using var store = new RedisStore(server.Address);
        using var guard = IdempotencyGuard.Create(store, new IdempotencyOptions());
        await guard.RunAsync(new IdempotentOperation<int>("test.card"), Canary, static _ => Task.FromResult(1));

        await server.SendAsync("SAVE");

        var dump = await File.ReadAllBytesAsync(Path.Combine(server.Folder, "dump.rdb"));
        Assert.True(dump.AsSpan().IndexOf("test.card"u8) > 0, "The dump holds no record.");
        Assert.Equal(-1, dump.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Canary)));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static Task<RedisServer> StartWithUserAsync(string rights) =>
        RedisServer.StartAsync(options: ["--user", "default", "reset", "on", ">secret", .. rights.Split(' ')]);

    private async Task<RedisServer> StartWithTlsAsync()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "cert.pem"), certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "key.pem"), key.ExportPkcs8PrivateKeyPem());
        return await RedisServer.StartAsync(options:
        [
            "--tls-port", $"{LoopbackPort.Free()}", "--tls-cert-file", Path.Combine(_folder.FullName, "cert.pem"),
            "--tls-key-file", Path.Combine(_folder.FullName, "key.pem"), "--tls-auth-clients", "no",
        ]);
    }
}
