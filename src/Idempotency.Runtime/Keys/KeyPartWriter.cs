namespace Idempotency.Keys;

/// <summary>Adds one element of a collection to a key.</summary>
public delegate void KeyPartWriter<in T>(ref KeyWriter key, T value);
