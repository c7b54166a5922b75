using System.Text.Json;
using System.Text.Json.Serialization;
using Idempotency.Benchmarks.Reporting;

namespace Idempotency.Benchmarks.Memory;

/// <summary>What a call costs by the size of its result, kept as an object and kept as bytes.</summary>
internal static class SizesSection
{
    private const string Object = "duplicate, kept as an object", Bytes = "duplicate, kept as bytes", Read = "JSON read", FirstObject = "first call, kept as an object",
        FirstBytes = "first call, kept as bytes", Write = "JSON written";

    public static Task RunAsync(Section section)
    {
        section.Say(
            "In memory. A result that nobody can change is kept as it is, whatever its size; others are kept as JSON with a checksum, and read for every duplicate. "
            + "\"JSON read\" and \"JSON written\" are `JsonSerializer` alone, with the same generated contract.");
        var table = section.Begin("characters", Object, Bytes, Read, "ratio", FirstObject, FirstBytes, Write, "ratio");
        var lines = new[] { Object, Bytes, Read, FirstObject, FirstBytes, Write }.ToDictionary(static way => way, static _ => new List<(double, double)>());
        foreach (var size in new[] { 100, 1_000, 10_000, 100_000, 1_000_000 })
        {
            var comparison = Measure(size, turns: section.IsFull ? 15 : 7);
            string Of(string way) => Figures.Nanoseconds(comparison.NanosecondsOf(way));
            table.Row(
                $"{size:N0}", Of(Object), Of(Bytes), Of(Read), Figures.Ratio(comparison.Ratio(Bytes, Read)),
                Of(FirstObject), Of(FirstBytes), Of(Write), Figures.Ratio(comparison.Ratio(FirstBytes, Write)));
            foreach (var (way, line) in lines)
            {
                line.Add((size, comparison.NanosecondsOf(way)));
            }
        }

        section.Show(new LinePlot("Cost by size of the result", "characters", "nanoseconds") { Lines = lines.ToDictionary(static line => line.Key, static line => line.Value.ToArray()) });
        section.Say("Goal: a duplicate kept as bytes takes at most 1.25 times as long as reading its JSON.");
        return Task.CompletedTask;
    }

    private static Comparison Measure(int size, int turns)
    {
        var (text, calls, firsts) = (new string('a', size), Math.Clamp(20_000_000 / size, 100, 50_000), Math.Clamp(20_000_000 / size, 100, 20_000));
        var json = JsonSerializer.SerializeToUtf8Bytes(new Letter { Text = text }, LetterJson.Default.Letter);
        var known = new Letters(Make(), text);
        var letters = known;
        return Comparison.Of(
            turns,
            TimeSpan.FromSeconds(3),
            new(Object, calls, () => Repeat(calls, _ => ResultOf(known.FindAsync("known")))),
            new(Bytes, calls, () => Repeat(calls, _ => ResultOf(known.WriteAsync("known")))),
            new(Read, calls, () => Repeat(calls, _ => JsonSerializer.Deserialize(json, LetterJson.Default.Letter))),
            new(FirstObject, firsts, () => Repeat(firsts, i => ResultOf(letters.FindAsync($"{i}"))), Renew),
            new(FirstBytes, firsts, () => Repeat(firsts, i => ResultOf(letters.WriteAsync($"{i}"))), Renew),
            new(Write, firsts, () => Repeat(firsts, i => JsonSerializer.SerializeToUtf8Bytes(new Letter { Text = text }, LetterJson.Default.Letter))));

        void Renew()
        {
            letters = new Letters(Make(), text);
            ResultOf(letters.FindAsync("first")); // which starts what renews leases
        }
    }

    private static IdempotencyGuard Make() => IdempotencyGuard.Create(
        new MemoryStore(), new IdempotencyOptions { JsonTypeInfoResolvers = { LetterJson.Default }, MaxResultBytes = 2_000_000 });

    private static void Repeat(int times, Action<int> call)
    {
        for (var i = 0; i < times; i++)
        {
            call(i);
        }
    }

    private static TResult ResultOf<TResult>(ValueTask<TResult> call) =>
        call.IsCompletedSuccessfully ? call.Result : throw new InvalidOperationException("The call waits.");
}

/// <summary>Methods that give the same text as what nobody can change, and as what others could.</summary>
internal sealed partial class Letters(IdempotencyGuard guard, string text)
{
    [Idempotent(Name = "benchmarks.find")]
    public partial ValueTask<string> FindAsync(string key);

    [Idempotent(Name = "benchmarks.write")]
    public partial ValueTask<Letter> WriteAsync(string key);

#pragma warning disable IDE0060 // the key is made of it
    private ValueTask<string> FindCoreAsync(string key) => new(text);

    private ValueTask<Letter> WriteCoreAsync(string key) => new(new Letter { Text = text });
#pragma warning restore IDE0060
}

internal sealed class Letter
{
    public string Text { get; set; } = "";
}

[JsonSerializable(typeof(Letter))]
internal sealed partial class LetterJson : JsonSerializerContext;
