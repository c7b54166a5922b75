namespace Payments;

/// <summary>The ledgers of one run of the sample.</summary>
public sealed record LedgerFolder(string Path)
{
    /// <summary>What the guarded calls have charged.</summary>
    public string Guarded => System.IO.Path.Combine(Path, "guarded.jsonl");

    /// <summary>What the same calls have charged without the guard.</summary>
    public string Unguarded => System.IO.Path.Combine(Path, "unguarded.jsonl");

    /// <summary>Makes a folder that nobody has used before.</summary>
    public static LedgerFolder Create() => new(Directory.CreateTempSubdirectory("payments-").FullName);
}
