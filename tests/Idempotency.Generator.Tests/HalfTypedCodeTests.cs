using System.Collections.Concurrent;
using Idempotency.Generator.Tests.Infrastructure;
using Xunit.Abstractions;

namespace Idempotency.Generator.Tests;

/// <summary>Compilers inside editors ask again with every key that is pressed, and what throws there is switched off for the session.</summary>
public sealed class HalfTypedCodeTests(ITestOutputHelper output)
{
    private const int SampleSize = 6000;

    // Only there so that a test run ends. Nothing is expected to take any part of it.
    private static readonly TimeSpan s_forever = TimeSpan.FromMinutes(30);

    private readonly ConcurrentQueue<string> _failures = new();
    private readonly ConcurrentDictionary<string, string> _running = new();

    [Fact]
    public async Task No_missing_token_breaks_the_generator_or_an_analyzer()
    {
        var inputs = HalfTyped.Sample(Corpus(), SampleSize);
        var count = inputs.Sum(static source => source.Count());
        Assert.True(count >= 5000);

        var work = Parallel.ForEachAsync(inputs, async (source, _) => await TypeAsync(source));
        if (await Task.WhenAny(work, Task.Delay(s_forever)) != work)
        {
            _failures.Enqueue($"Never ends:\n{string.Join("\n\n", _running.Values)}");
        }

        output.WriteLine($"{count} inputs from {inputs.Count} sources");
        Assert.True(_failures.IsEmpty, string.Join("\n\n", _failures.Take(5)));
    }

    // One session of an editor: the driver goes from edit to edit and has to find its way back.
    private async Task TypeAsync(IGrouping<string, HalfTyped> inputs)
    {
        var run = GeneratorRun.On(inputs.Key);
        var before = Generated(run);
        foreach (var text in inputs.Select(static input => input.Text).Append(inputs.Key))
        {
            _running[inputs.Key] = text;
            try
            {
                run = run.ThenOnEdit(text);
                Assert.Null(run.Result.Exception);
                await run.AnalyzeAsync();
            }
            catch (Exception failure) // whatever it is: it was looked for, and the text that brings it about has to be told
            {
                _failures.Enqueue($"{text}\n{failure}");
            }
        }

        if (Generated(run) != before)
        {
            _failures.Enqueue($"Not what it was before the edits:\n{inputs.Key}");
        }

        _running.TryRemove(inputs.Key, out var _);
    }

    private static string Generated(GeneratorRun run) =>
        string.Concat(run.Result.GeneratedSources.Select(static source => $"{source.HintName}\n{source.SourceText}"));

    private static IEnumerable<string> Corpus() =>
    [
        .. Sources.OfPages(),
        .. new[] { "BehaviourTests.cs", "IncrementalTests.cs", "KeyTests.cs", "RuleTests.cs", "SnapshotTests.cs" }
            .SelectMany(static file => Sources.OfTests("Idempotency.Generator.Tests", file)),
        .. Column(SignatureTests.Working, 1),
        .. Column(SignatureTests.Unsupported, 2),
        .. Column(AdviceTests.Reported, 1).Select(Sources.InClass),
        .. Column(AdviceTests.Silent, 0).Select(Sources.InClass),
    ];

    private static IEnumerable<string> Column(IEnumerable<object[]> rows, int index) => rows.Select(row => (string)row[index]);
}
