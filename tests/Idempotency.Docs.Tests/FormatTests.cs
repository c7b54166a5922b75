using System.Text.RegularExpressions;

namespace Idempotency.Docs.Tests;

/// <summary>People write keys and read outcomes in other languages by docs/architecture.md, so it must say what the code does.</summary>
public partial class FormatTests
{
    [Fact]
    public async Task The_example_key_is_the_one_the_guard_makes()
    {
        var page = Repository.Read("docs/architecture.md");
        var operation = new IdempotentOperation<string>("webhooks.handle");
        using var guard = IdempotencyGuard.Create(new MemoryStore());

        var key = await guard.RunAsync(operation, "evt_1", context => Task.FromResult(context.Key));

        Assert.Contains($"schema   {operation.Schema}\n", page, StringComparison.Ordinal);
        Assert.Contains($"header   {Convert.ToHexStringLower(operation.KeyHeader)}\n", page, StringComparison.Ordinal);
        Assert.Contains($"key      {key}\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_layout_of_an_envelope_is_the_one_in_the_code()
    {
        var page = Repository.Read("docs/architecture.md");
        var code = Repository.Read("src/Idempotency.Runtime/Serialization/Envelope.cs");

        var layout = LayoutInRemarks().Match(code).Groups["layout"].Value;
        var text = Reference().Replace(layout, "${name}").Replace("/// ", "", StringComparison.Ordinal);

        Assert.NotEmpty(text);
        Assert.Contains($"```text\n{text}```\n", page, StringComparison.Ordinal);
    }

    [GeneratedRegex("/// <code>\n(?<layout>.*?)/// </code>\n", RegexOptions.Singleline)]
    private static partial Regex LayoutInRemarks();

    [GeneratedRegex("<see cref=\"(?<name>[^\"]+)\"/>")]
    private static partial Regex Reference();
}
