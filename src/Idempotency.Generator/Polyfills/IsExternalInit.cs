namespace System.Runtime.CompilerServices;

/// <summary>What the compiler wants to see before it allows records; netstandard2.0 has none.</summary>
internal static class IsExternalInit;
