using System.Collections.Immutable;

namespace Idempotency.Generator.Baseline;

/// <summary>What a diagnostic says about a change of the baseline, so that a fix can make it without thinking again.</summary>
internal static class BaselineChange
{
    /// <summary>The file.</summary>
    public const string Path = "Baseline";

    /// <summary>The line to take out; absent where there is none.</summary>
    public const string Old = "Old";

    /// <summary>The line to put in; absent where there is none.</summary>
    public const string New = "New";

    /// <summary>The version under which the new keys would not be confused with the old ones; absent where there is no question of it.</summary>
    public const string Version = "Version";

    public static ImmutableDictionary<string, string?> Of(KeyBaseline baseline, string? old, string? @new, int? version = null)
    {
        var properties = ImmutableDictionary.CreateBuilder<string, string?>(StringComparer.Ordinal);
        properties.Add(Path, baseline.Path);
        foreach (var (name, value) in new[] { (Old, old), (New, @new), (Version, version?.ToString(System.Globalization.CultureInfo.InvariantCulture)) })
        {
            if (value is not null)
            {
                properties.Add(name, value);
            }
        }

        return properties.ToImmutable();
    }
}
