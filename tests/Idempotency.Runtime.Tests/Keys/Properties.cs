using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace Idempotency.Runtime.Tests.Keys;

/// <summary>How properties are checked here: quietly, many times, and the same every time; a failure says how to repeat it.</summary>
internal static class Properties
{
    private static readonly string[] s_cultures = ["", "de-DE", "tr-TR", "ar-SA"];

    public static Gen<string> Culture { get; } = Gen.Elements(s_cultures);

    public static void Hold<T>(int times, Gen<T> values, Func<T, bool> property)
    {
        var replay = new Replay(new Rnd(20_260_101, 1_000_003), FSharpOption<int>.None);
        var config = Config.QuickThrowOnFailure.WithMaxTest(times).WithQuietOnSuccess(true).WithReplay(FSharpOption<Replay>.Some(replay));
        Check.One(config, Prop.ForAll(values.ToArbitrary(), property));
    }

    public static byte[] BytesIn(string culture, TestKeys.Writing write)
    {
        using var _ = new CultureScope(culture);
        return TestKeys.Bytes(write);
    }
}
