using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Idempotency.Generator.Tests.Infrastructure;

/// <summary>The C# that the pages of the rules show and that tests have in their strings.</summary>
internal static partial class Sources
{
    public static IEnumerable<string> OfPages() => Directory.EnumerateFiles(Repo.PathOf("docs", "rules"), "*.md").Order(StringComparer.Ordinal)
        .SelectMany(static page => CodeBlock().Matches(File.ReadAllText(page)).Select(static match => match.Groups[1].Value));

    /// <summary>The strings of a test file that have an annotated method in them. What a test would put into one is <c>int</c> here.</summary>
    public static IEnumerable<string> OfTests(string project, string file) => CSharpSyntaxTree
        .ParseText(Repo.Read("tests", project, file), Compile.ParseOptions).GetRoot().DescendantNodes()
        .Select(static node => node switch
        {
            LiteralExpressionSyntax { RawKind: (int)SyntaxKind.StringLiteralExpression } text => text.Token.ValueText,
            InterpolatedStringExpressionSyntax text => string.Concat(text.Contents.Select(static part =>
                part is InterpolatedStringTextSyntax { TextToken: var token } ? token.ValueText : "int")),
            _ => "",
        })
        .Where(static text => text.Contains("[Idempotent", StringComparison.Ordinal))
        .Select(static text => TypeDeclaration().IsMatch(text) ? text : InClass(text));

    public static string InClass(string members) => $"public partial class C(IdempotencyGuard guard) {{ {Marked.Read(members).Source} }}";

    [GeneratedRegex(@"^```csharp\n(.*?)```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"\b(class|struct|record|interface)\b[^\]]*\[(Idempotent|global::Idempotency)", RegexOptions.Singleline)]
    private static partial Regex TypeDeclaration();
}
