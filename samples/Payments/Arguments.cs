namespace Payments;

/// <summary>What the command line asks to be delivered, and how.</summary>
/// <param name="File">The file; the one that comes with the sample when absent.</param>
/// <param name="Store">The store; in one process and its memory when absent.</param>
/// <param name="Address">The store's server or folder; a usual one when absent.</param>
public sealed record Arguments(string? File = null, string? Store = null, string? Address = null)
{
    private static readonly string[] Stores = ["memory", "file", "redis", "postgres", "dynamo"];

    /// <summary>Whether the store is one that two processes can share.</summary>
    public bool IsShared => Store is not (null or "memory");

    /// <summary>Reads a command line, in any order.</summary>
    /// <returns>What it says, or <see langword="null"/> when it says nothing, or something twice.</returns>
    public static Arguments? Parse(params string[] args) => args switch
    {
        [] => new Arguments(),
        ["--store", var store, .. var rest] when Stores.Contains(store) && Parse(rest) is { Store: null } others => others with { Store = store },
        ["--at", var address, .. var rest] when Parse(rest) is { Address: null } others => others with { Address = address },
        [var file, .. var rest] when !file.StartsWith('-') && Parse(rest) is { File: null } others => others with { File = file },
        _ => null,
    };

    /// <summary>The command line that says this.</summary>
    public string[] ToArray() =>
    [
        .. File is null ? [] : (string[])[File],
        .. Store is null ? [] : (string[])["--store", Store],
        .. Address is null ? [] : (string[])["--at", Address],
    ];
}
