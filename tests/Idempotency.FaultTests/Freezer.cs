using System.Globalization;

namespace Idempotency.FaultTests;

/// <summary>A group of processes that the kernel freezes as one, threads and children included. Needs root on Linux, and says so where it has not.</summary>
internal sealed class Freezer : IDisposable
{
    private const string Needs =
        "This test needs root and Linux's freezer: the first version of control groups mounted at /sys/fs/cgroup/freezer, or the second at /sys/fs/cgroup.";

    private static readonly string[] s_secondVersion = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"];

    private readonly string _group;
    private readonly bool _isFirstVersion;

    private Freezer(string group, bool isFirstVersion) => (_group, _isFirstVersion) = (group, isFirstVersion);

    /// <summary>What to put before a command, so that it runs in the group, as the child of a shell in it.</summary>
    public string[] Enter => ["sh", "-c", "echo $$ > \"$0\" && \"$@\"; exit $?", Path.Combine(_group, "cgroup.procs")];

    public static Freezer Create()
    {
        var name = $"idempotency-{Guid.NewGuid():N}";
        try
        {
            if (Directory.Exists("/sys/fs/cgroup/freezer"))
            {
                return new Freezer(Directory.CreateDirectory($"/sys/fs/cgroup/freezer/{name}").FullName, isFirstVersion: true);
            }

            if (Array.Find(s_secondVersion, static root => File.Exists($"{root}/cgroup.controllers")) is { } root)
            {
                return new Freezer(Directory.CreateDirectory($"{root}/{name}").FullName, isFirstVersion: false);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"No group of processes could be made: {failure.Message} {Needs}", failure);
        }

        throw new InvalidOperationException($"There are no groups of processes here. {Needs}");
    }

    /// <summary>Freezes all, and waits until the last of them has come to rest.</summary>
    public Task FreezeAsync() => _isFirstVersion
        ? SetAsync("freezer.state", "FROZEN", "freezer.state", "FROZEN")
        : SetAsync("cgroup.freeze", "1", "cgroup.events", "frozen 1");

    public Task ThawAsync() => _isFirstVersion
        ? SetAsync("freezer.state", "THAWED", "freezer.state", "THAWED")
        : SetAsync("cgroup.freeze", "0", "cgroup.events", "frozen 0");

    /// <summary>Ends what is left in it when a test has failed, which a frozen process cannot.</summary>
    public void Dispose()
    {
        ThawAsync().GetAwaiter().GetResult();
        Patience.UntilAsync(
            () =>
            {
                var left = File.ReadAllLines(Path.Combine(_group, "cgroup.procs"));
                Array.ForEach(left, static process => Signals.SendKill(int.Parse(process, CultureInfo.InvariantCulture)));
                return left.Length == 0;
            },
            $"'{_group}' to be empty").GetAwaiter().GetResult();
        Directory.Delete(_group);
    }

    private Task SetAsync(string file, string value, string report, string expected)
    {
        File.WriteAllText(Path.Combine(_group, file), value);
        return Patience.UntilAsync(
            () => File.ReadAllText(Path.Combine(_group, report)).Contains(expected, StringComparison.Ordinal), $"'{_group}' to be {expected}");
    }
}
