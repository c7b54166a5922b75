using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Benchmarks;

/// <summary>What compiling a project takes, parsing, generating and writing the assembly included.</summary>
internal static class Emission
{
    /// <summary>Guarded methods, and the same called by hand-written methods: how much dearer the first are.</summary>
    public static (TimeSpan Guarded, TimeSpan ByHand) Of(Shop shop, int times)
    {
        // In turns, so that both see the same machine.
        var guarded = new List<TimeSpan>();
        var byHand = new List<TimeSpan>();
        for (var i = 0; i < times; i++)
        {
            guarded.Add(Measure.Median(1, () => Measure.Of(() =>
            {
                Generation.Driver(shop).RunGeneratorsAndUpdateCompilation(shop.Compilation(), out var output, out _);
                Emit(output);
            })));
            byHand.Add(Measure.Median(1, () => Measure.Of(() => Emit((shop with { Guarded = false }).Compilation()))));
        }

        return (Middle(guarded), Middle(byHand));
    }

    private static TimeSpan Middle(List<TimeSpan> taken) => taken.Order().ElementAt(taken.Count / 2);

    private static void Emit(Compilation compilation)
    {
        using var image = new MemoryStream();
        var emitted = compilation.Emit(image);
        if (!emitted.Success)
        {
            throw new InvalidOperationException($"The project does not compile: {emitted.Diagnostics[0]}");
        }
    }
}
