using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace Idempotency.AspNetCore.Requests;

/// <summary>Reads a structured field that is an Item whose value is a String (RFC 9651, section 4.2). Parameters are checked and ignored, as the
/// RFC wants it of those that a field does not define.</summary>
internal ref struct StructuredString
{
    private const int MaxDigits = 15;

    private static readonly SearchValues<char> s_base64 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=");

    private readonly ReadOnlySpan<char> _text;
    private int _at;

    private StructuredString(ReadOnlySpan<char> text) => _text = text;

    private readonly char Next => _at < _text.Length ? _text[_at] : '\0';

    /// <returns>The string, unescaped; <see langword="null"/> when the field is anything else.</returns>
    public static string? Parse(ReadOnlySpan<char> field)
    {
        var reader = new StructuredString(field.Trim(' '));
        return reader.ReadString() is { } value && reader.SkipParameters() && reader._at == reader._text.Length ? value : null;
    }

    private string? ReadString()
    {
        if (!Skip('"'))
        {
            return null;
        }

        var value = new StringBuilder();
        while (_at < _text.Length)
        {
            var character = _text[_at++];
            switch (character)
            {
                case '"':
                    return value.ToString();
                case '\\' when Next is '"' or '\\':
                    value.Append(_text[_at++]);
                    break;
                case '\\' or < ' ' or > '~':
                    return null;
                default:
                    value.Append(character);
                    break;
            }
        }

        return null;
    }

    private bool SkipParameters()
    {
        while (Skip(';'))
        {
            while (Skip(' '))
            {
            }

            if (!(char.IsAsciiLetterLower(Next) || Next == '*'))
            {
                return false;
            }

            while (char.IsAsciiLetterLower(Next) || char.IsAsciiDigit(Next) || Next is '_' or '-' or '.' or '*')
            {
                _at++;
            }

            if (Skip('=') && !SkipItem())
            {
                return false;
            }
        }

        return true;
    }

    private bool SkipItem()
    {
        switch (Next)
        {
            case '"':
                return ReadString() is not null;
            case '?':
                _at++;
                return Skip('0') || Skip('1');
            case '@':
                _at++;
                return SkipNumber(out var isInteger) && isInteger;
            case ':':
                return SkipBytes();
            case '%':
                return SkipDisplayString();
            case '-' or (>= '0' and <= '9'):
                return SkipNumber(out _);
            default:
                return SkipToken();
        }
    }

    private bool SkipNumber(out bool isInteger)
    {
        Skip('-');
        var whole = SkipDigits();
        isInteger = Next != '.';
        if (isInteger)
        {
            return whole is > 0 and <= MaxDigits;
        }

        _at++;
        return whole is > 0 and <= MaxDigits - 3 && SkipDigits() is > 0 and <= 3;
    }

    private int SkipDigits()
    {
        var start = _at;
        while (char.IsAsciiDigit(Next))
        {
            _at++;
        }

        return _at - start;
    }

    private bool SkipBytes()
    {
        var end = _text[(_at + 1)..].IndexOf(':');
        if (end < 0)
        {
            return false;
        }

        var base64 = _text.Slice(_at + 1, end);
        _at += end + 2;
        return !base64.ContainsAnyExcept(s_base64);
    }

    private bool SkipDisplayString()
    {
        _at++;
        if (!Skip('"'))
        {
            return false;
        }

        var bytes = new List<byte>();
        while (_at < _text.Length)
        {
            var character = _text[_at++];
            switch (character)
            {
                case '"':
                    return Utf8.IsValid(CollectionsMarshal.AsSpan(bytes));
                case '%' when _at + 2 <= _text.Length && char.IsAsciiHexDigitLower(_text[_at]) && char.IsAsciiHexDigitLower(_text[_at + 1]):
                    bytes.Add(byte.Parse(_text.Slice(_at, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                    _at += 2;
                    break;
                case '%' or < ' ' or > '~':
                    return false;
                default:
                    bytes.Add((byte)character);
                    break;
            }
        }

        return false;
    }

    private bool SkipToken()
    {
        if (!(char.IsAsciiLetter(Next) || Next == '*'))
        {
            return false;
        }

        while (char.IsAsciiLetterOrDigit(Next) || (Next != '\0' && "!#$%&'*+-.^_`|~:/".Contains(Next)))
        {
            _at++;
        }

        return true;
    }

    private bool Skip(char expected)
    {
        if (Next != expected || _at == _text.Length)
        {
            return false;
        }

        _at++;
        return true;
    }
}
