using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;
using Idempotency.Generator.Parsing;

namespace Idempotency.CodeFixes;

/// <summary>Guesses which durations somebody meant who wrote one that is not valid.</summary>
internal static class NearestDuration
{
    private static readonly (string Unit, long Ticks)[] s_units =
    [
        ("d", TimeSpan.TicksPerDay),
        ("h", TimeSpan.TicksPerHour),
        ("m", TimeSpan.TicksPerMinute),
        ("s", TimeSpan.TicksPerSecond),
        ("ms", TimeSpan.TicksPerMillisecond),
    ];

    private static readonly Regex s_parts = new(
        @"\G\s*(?:,|and\b)?\s*(?<count>[0-9]+(?:[.,][0-9]+)?)\s*(?<unit>\p{L}+)\.?", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    /// <summary>The likeliest first; none where the text says nothing of a time that the argument may have.</summary>
    public static IEnumerable<string> For(string argument, string text)
    {
        var plain = text.Trim().TrimStart('-', '+', '\u2212').TrimStart();
        return Guesses(plain).Distinct().Where(guess => DurationParser.Parse(guess, DurationParser.MostDays(argument)) is not null);
    }

    private static IEnumerable<string> Guesses(string text)
    {
        if (text.Length > 0 && text.All(static c => c is >= '0' and <= '9'))
        {
            // TimeSpan would say days, most people say seconds, and whoever wrote this may have meant any.
            var count = text.TrimStart('0');
            return [$"{count}s", $"{count}m", $"{count}h", $"{count}d", $"{count}ms"];
        }

        return Read(text) is { } ticks && ticks > 0 ? Write(ticks, KeepsHours(text)) : [];
    }

    private static long? Read(string text)
    {
        if (text.Contains(':'))
        {
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) ? span.Ticks : null;
        }

        try
        {
            return text.StartsWith("P", StringComparison.OrdinalIgnoreCase)
                ? XmlConvert.ToTimeSpan(text.ToUpperInvariant()).Ticks // ISO 8601
                : ReadWords(text);
        }
        catch (Exception failure) when (failure is FormatException or OverflowException)
        {
            return null;
        }
    }

    private static long? ReadWords(string text)
    {
        var ticks = 0m;
        var end = 0;
        for (var part = s_parts.Match(text); part.Success; part = part.NextMatch())
        {
            if (TicksIn(part.Groups["unit"].Value) is not { } unit)
            {
                return null;
            }

            ticks += decimal.Parse(part.Groups["count"].Value.Replace(',', '.'), CultureInfo.InvariantCulture) * unit;
            end = part.Index + part.Length;
        }

        return text.Substring(end).Trim().Length == 0 ? checked((long)ticks) : null;
    }

    // A capital alone is no other unit: nobody means months by 5M.
    private static long? TicksIn(string word) => word.ToLowerInvariant() switch
    {
        "ms" or "msec" or "msecs" or "milli" or "millis" or "millisecond" or "milliseconds" => TimeSpan.TicksPerMillisecond,
        "s" or "sec" or "secs" or "second" or "seconds" => TimeSpan.TicksPerSecond,
        "m" or "min" or "mins" or "minute" or "minutes" => TimeSpan.TicksPerMinute,
        "h" or "hr" or "hrs" or "hour" or "hours" => TimeSpan.TicksPerHour,
        "d" or "day" or "days" => TimeSpan.TicksPerDay,
        "w" or "wk" or "week" or "weeks" => 7 * TimeSpan.TicksPerDay,
        _ => null,
    };

    private static bool KeepsHours(string text) => s_parts.Match(text) is { Success: true } first && TicksIn(first.Groups["unit"].Value) == TimeSpan.TicksPerHour;

    // In the largest unit that has no remainder, and whole days in hours too, as retention is often counted.
    private static IEnumerable<string> Write(long ticks, bool keepsHours)
    {
        foreach (var (unit, size) in keepsHours ? s_units.Skip(1) : s_units)
        {
            if (ticks % size == 0)
            {
                yield return (ticks / size).ToString(CultureInfo.InvariantCulture) + unit;
                if (unit == "d")
                {
                    yield return (ticks / TimeSpan.TicksPerHour).ToString(CultureInfo.InvariantCulture) + "h";
                }

                yield break;
            }
        }
    }
}
