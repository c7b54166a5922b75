using System.Globalization;
using Idempotency.Generator.Benchmarks;

var times = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 9;
Shop[] large = times < 5 ? [] : [new Shop(5_000), new Shop(1_000, PerType: 1_000), new Shop(5_000, PerType: 5_000)]; // a round of these is most of a minute

// One round of everything first, so that nobody pays for the compiler's own start.
_ = Emission.Of(new Shop(200), 5);
_ = Analysis.Of(new Shop(200), 5);
_ = new Generation(new Shop(200), 5).AfterBodyEdit();

var (guarded, byHand) = Emission.Of(new Shop(1_000), times);
Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture,
    $"Compiling 1,000 guarded methods takes {Ms(guarded)} ms, 1,000 that only call their bodies {Ms(byHand)} ms: {guarded / byHand:F2} times as long."));
Console.WriteLine();
Console.WriteLine($"Milliseconds, medians of {times}{(large.Length > 0 ? ", of 3 from 5,000 methods on" : "")}; ten methods to a class unless said otherwise.");
Console.WriteLine();
Console.WriteLine("| annotated methods | cold | cold, symbols bound | unrelated edit | body edit | signature edit | analyzers | analyzers a method |");
Console.WriteLine("|---|---|---|---|---|---|---|---|");
foreach (var shop in (Shop[])[new Shop(1), new Shop(100), new Shop(1_000), .. large])
{
    var rounds = shop.Methods > 1_000 ? 3 : times;
    var generation = new Generation(shop, rounds);
    var analyzers = Analysis.Of(shop, rounds);
    var name = shop.PerType == shop.Methods && shop.Methods > 1 ? $"{shop.Methods:N0} in one class" : $"{shop.Methods:N0}";
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"| {name} | {Ms(generation.Cold())} | {Ms(generation.Bound())} | {Ms(generation.AfterUnrelatedEdit())} | {Ms(generation.AfterBodyEdit())} | {Ms(generation.AfterSignatureEdit())} | {Ms(analyzers)} | {analyzers.TotalMilliseconds / shop.Methods:F3} |"));
}

static string Ms(TimeSpan time) => time.TotalMilliseconds.ToString("F1", CultureInfo.InvariantCulture);
