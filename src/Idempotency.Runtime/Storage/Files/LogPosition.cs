namespace Idempotency.Storage.Files;

/// <summary>A byte of the log: the segment it is in, and where in it.</summary>
internal readonly record struct LogPosition(int Segment, int Offset);
