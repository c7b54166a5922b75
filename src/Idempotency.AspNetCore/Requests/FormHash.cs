using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Idempotency.AspNetCore.Requests;

/// <summary>Hashes a form whose body is gone, because somebody has parsed it.</summary>
internal static class FormHash
{
    public static async ValueTask<byte[]> ComputeAsync(IFormCollection form, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, values) in form.OrderBy(static field => field.Key, StringComparer.Ordinal))
        {
            Append(hash, name);
            Append(hash, values.Count);
            foreach (var value in values)
            {
                Append(hash, value ?? "");
            }
        }

        Append(hash, form.Files.Count);
        foreach (var file in form.Files)
        {
            Append(hash, file.Name);
            Append(hash, file.FileName);
            Append(hash, file.ContentType ?? "");
            var content = file.OpenReadStream();
            await using (content.ConfigureAwait(false))
            {
                hash.AppendData(await SHA256.HashDataAsync(content, cancellationToken).ConfigureAwait(false));
            }
        }

        return hash.GetHashAndReset();
    }

    /// <summary>With its length before it, so that no two forms look alike.</summary>
    private static void Append(IncrementalHash hash, string text)
    {
        var bytes = Encoding.Unicode.GetBytes(text);
        Append(hash, bytes.Length);
        hash.AppendData(bytes);
    }

    private static void Append(IncrementalHash hash, int number) => hash.AppendData(BitConverter.GetBytes(number));
}
