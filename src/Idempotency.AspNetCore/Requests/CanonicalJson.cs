using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Idempotency.AspNetCore.Requests;

/// <summary>
/// Hashes JSON by what it says: white space, the order of properties, escapes and the way a number is written make no difference, and everything else
/// does. Numbers are compared by their exact value and not as floating point, in which different amounts could be equal.
/// </summary>
internal static class CanonicalJson
{
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    /// <exception cref="RequestBodyException">It is not JSON, nested deeper than 64 levels, or has a property twice.</exception>
    public static byte[] Hash(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, s_options);
            var canonical = new ArrayBufferWriter<byte>(json.Length + 64);
            using (var writer = new Utf8JsonWriter(canonical, new JsonWriterOptions { SkipValidation = true }))
            {
                Write(writer, document.RootElement);
            }

            return SHA256.HashData(canonical.WrittenSpan);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            // The second is what a text says that is not valid Unicode.
            throw RequestBodyException.Invalid("The body is not JSON that can be compared: it is malformed, nested deeper than 64 levels, or has a property twice.", failure);
        }
    }

    private static void Write(Utf8JsonWriter writer, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in element.EnumerateObject().OrderBy(static property => property.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(property.Name);
                    Write(writer, property.Value);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(element.GetString());
                break;
            case JsonValueKind.Number:
                writer.WriteRawValue(CanonicalNumber(element.GetRawText()), skipInputValidation: true);
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }

    /// <summary>Digits without zeros at either end, and the power of ten they are multiplied with.</summary>
    private static string CanonicalNumber(string number)
    {
        var text = number.AsSpan();
        var sign = text[0] == '-' ? "-" : "";
        text = text.TrimStart('-');
        var mantissaLength = text.IndexOfAny('e', 'E');
        var exponentText = mantissaLength < 0 ? default : text[(mantissaLength + 1)..].TrimStart('+');
        var mantissa = mantissaLength < 0 ? text : text[..mantissaLength];
        if (exponentText.Length > 10)
        {
            return number; // no such number means anything to anybody; equal only if it is written alike
        }

        var exponent = exponentText.IsEmpty ? 0 : long.Parse(exponentText, provider: System.Globalization.CultureInfo.InvariantCulture);
        var digits = new StringBuilder(mantissa.Length);
        var point = mantissa.IndexOf('.');
        digits.Append(point < 0 ? mantissa : mantissa[..point]);
        if (point >= 0)
        {
            digits.Append(mantissa[(point + 1)..]);
            exponent -= mantissa.Length - point - 1;
        }

        var significant = digits.ToString().TrimStart('0');
        var trimmed = significant.TrimEnd('0');
        return trimmed.Length == 0 ? "0" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{sign}{trimmed}e{exponent + significant.Length - trimmed.Length}");
    }
}
