using System.Security.Cryptography;
using System.Text;

namespace Idempotency.PostgreSql;

/// <summary>A store's table and what belongs to it, quoted, as they are written into statements.</summary>
internal sealed class TableName
{
    private const int LongestName = 63;
    private readonly string _schema;
    private readonly string _table;

    /// <param name="schema">Validated by the options: letters, digits and underscores.</param>
    /// <param name="table">Likewise.</param>
    public TableName(string schema, string table) => (_schema, _table) = (schema, table);

    public string Schema => Quoted(_schema);

    /// <summary>The schema as a string literal holds it.</summary>
    public string PlainSchema => _schema;

    public string Table => $"{Schema}.{Quoted(_table)}";

    /// <summary>Gives fences and versions. It is older than any record and survives them all.</summary>
    public string Sequence => $"{Schema}.{Quoted(Derived("_seq"))}";

    public string Index => Quoted(Derived("_expires_at"));

    /// <summary>Where changes are told; a channel belongs to the database, not to a schema.</summary>
    public string Channel => $"idempotency_{Hash()}";

    /// <summary>What a session locks while it makes the table.</summary>
    public long Lock => BitConverter.ToInt64(SHA256.HashData(Encoding.UTF8.GetBytes(Table)));

    public override string ToString() => $"{_schema}.{_table}";

    private static string Quoted(string name) => $"\"{name}\"";

    private string Derived(string suffix) =>
        _table.Length + suffix.Length <= LongestName ? _table + suffix : $"{_table[..34]}_{Hash()}{suffix}";

    private string Hash() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Table)).AsSpan(0, 8));
}
