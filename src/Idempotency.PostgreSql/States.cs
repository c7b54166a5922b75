using Idempotency.Storage;

namespace Idempotency.PostgreSql;

/// <summary>States as the table has them: a letter each.</summary>
internal static class States
{
    private const string Letters = "ICFDR";

    public static char LetterOf(RecordState state) => Letters[(int)state];

    /// <exception cref="InvalidDataException">No version that this one knows has written it.</exception>
    public static RecordState Of(char letter) => Letters.IndexOf(letter, StringComparison.Ordinal) is >= 0 and var state
        ? (RecordState)state
        : throw new InvalidDataException($"its state is '{letter}', which this version does not know.");
}
