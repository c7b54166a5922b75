namespace Idempotency.Keys;

/// <summary>
/// The byte in front of every part of a canonical key. Numbers are part of the stored format and never change meaning; the golden
/// vectors in the tests pin them.
/// </summary>
internal enum KeyTag : byte
{
    Null = 0,
    False = 1,
    True = 2,
    SByte = 3,
    Byte = 4,
    Int16 = 5,
    UInt16 = 6,
    Int32 = 7,
    UInt32 = 8,
    Int64 = 9,
    UInt64 = 10,
    Int128 = 11,
    UInt128 = 12,
    BigInteger = 13,
    Half = 14,
    Single = 15,
    Double = 16,
    Decimal = 17,
    Char = 18,
    Rune = 19,
    Utf8Text = 20,
    Utf16Text = 21,
    Bytes = 22,
    Guid = 23,
    DateTime = 24,
    DateTimeOffset = 25,
    DateOnly = 26,
    TimeOnly = 27,
    TimeSpan = 28,
    Uri = 29,
    Version = 30,
    Object = 32,
    List = 33,
    Set = 34,
    Map = 35,
    Part = 36,
}
