using System.Diagnostics;
using System.Globalization;
using Idempotency.Soak;
using Xunit;
using Xunit.Abstractions;

namespace Idempotency.FaultTests;

/// <summary>
/// S-32 and S-97: two processes want the same keys over networks of their own, in which answers come late, in pieces, byte by byte or
/// not at all, and connections are reset or hang half open. Then the weather clears up.
/// </summary>
public sealed class NetworkTests(ITestOutputHelper output)
{
    private const int Processes = 2, Callers = 4, HotKeys = 4, CallsPerKeys = 12, MoreCalls = 40, Seed = 20_260_332;

    /// <summary>A guard waits a sixth of it for its store: a second, which some answers take.</summary>
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(6);

    [Theory, MemberData(nameof(Stores.Serving), MemberType = typeof(Stores))]
    public async Task Whatever_the_network_does_every_key_ends_with_one_result_for_all(string store, OnCrash onCrash)
    {
        using var scene = new Scene(store, onCrash);

        var judge = await PlayAsync(scene);

        Assert.True(judge.Violations.Count == 0, string.Join("\n", judge.Violations));
        Assert.InRange(judge.Unavailable + judge.NotStored, Processes, int.MaxValue); // each hung at least once, and its callers were told
        if (onCrash == OnCrash.Hold)
        {
            Assert.Equal(judge.Effects, judge.Starts);
        }
    }

    [Theory]
    [InlineData("redis", OnCrash.Hold)]
    [InlineData("postgres", OnCrash.Retry)]
    public async Task A_store_that_takes_a_lost_answer_for_a_grant_is_found(string store, OnCrash onCrash)
    {
        using var scene = new Scene(store, onCrash);

        Assert.NotEmpty((await PlayAsync(scene, FlawedStore.SilenceGrants)).Violations);
    }

    private async Task<Judge> PlayAsync(Scene scene, string flaw = "")
    {
        var processes = Enumerable.Range(0, Processes).Select(_ => new Remote(scene.NewWork(flaw) with
        {
            Callers = Callers, Keys = HotKeys, CallsPerKeys = CallsPerKeys, Calls = int.MaxValue, IsUneven = true,
            Lease = s_lease, ClaimTimeout = s_lease / 3, GoesOnUntilTold = true,
        })).ToList();
        try
        {
            await Patience.UntilAsync(() => processes.TrueForAll(static process => process.Lines.Count > 0), "both processes to make calls");
            for (var i = 0; i < Processes; i++)
            {
                processes[i].BeginWeather(Seed + i);
                output.WriteLine($"Seed {Seed + i}: {processes[i]}");
            }

            await Patience.UntilAsync(
                () => processes.FindAll(static process => process.HasHadAllWeather()).Count == Processes || (flaw.Length > 0 && HasTwoEffectsOfAKey(processes)),
                "both processes to have had all weather");
            processes.ForEach(static process => process.ClearUp());
            await UntilMoreHaveReturnedAsync(processes);

            processes.ForEach(static process => process.Tell());
            await Task.WhenAll(processes.Select(static process => process.UntilPausedAsync()));
            if (flaw.Length == 0)
            {
                await UntilAllKeysHaveEndedAsync(scene, processes);
            }

            processes.ForEach(static process => process.Tell());
            await Task.WhenAll(processes.Select(static process => process.EndAsync()));
            Assert.All(processes, process => Assert.InRange(process.Cuts, flaw.Length > 0 ? 0 : 1, int.MaxValue));

            var judge = await scene.JudgeAsync();
            output.WriteLine($"{judge.Calls} calls, {judge.Effects} effects, {judge.Unavailable} unavailable, {judge.NotStored} not stored, {processes.Sum(static process => process.Cuts)} cut short");
            return judge;
        }
        finally
        {
            processes.ForEach(static process => process.Dispose());
        }
    }

    /// <summary>Whether a planted fault has done its work: then the rest of the weather may not come, for want of calls that are told the truth.</summary>
    private static bool HasTwoEffectsOfAKey(List<Remote> processes) =>
        processes.SelectMany(static process => process.Lines).Where(static line => line.What == Journal.Effect).GroupBy(static line => line.Key).Any(static effects => effects.Count() > 1);

    private static async Task UntilMoreHaveReturnedAsync(List<Remote> processes)
    {
        var before = processes.ConvertAll(static process => process.Returned);
        await Patience.UntilAsync(() => processes.Zip(before).All(static process => process.First.Returned >= process.Second + MoreCalls), "calls to return again");
    }

    /// <summary>
    /// Asks for every key until each has an outcome. What was claimed for a caller who has given up is given back in the background,
    /// for which its process has to live.
    /// </summary>
    private static async Task UntilAllKeysHaveEndedAsync(Scene scene, List<Remote> processes)
    {
        var keys = 1 + processes.SelectMany(static process => process.Lines).Where(static line => line.Key != "-")
            .Max(static line => int.Parse(line.Key, CultureInfo.InvariantCulture));
        for (var since = Stopwatch.GetTimestamp(); ;)
        {
            var asking = scene.NewWork() with { CallsPerKeys = 1, Calls = keys, WaitRate = 1 };
            await Children.WorkAsync(asking);
            var answers = Scene.Lines(asking).Where(static line => line.What is Journal.Returned or Journal.Refused).ToList();
            Assert.Equal(keys, answers.Count);
            if (answers.TrueForAll(static answer => answer.What == Journal.Returned))
            {
                return;
            }

            Assert.True(Stopwatch.GetElapsedTime(since) < Patience.Longest, "Keys stay in doubt although their owners live."); // for a moment they may be
        }
    }
}
