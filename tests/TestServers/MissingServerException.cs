namespace Idempotency.TestServers;

/// <summary>A program that the tests need is not installed. The run fails and says what to do; it never skips.</summary>
public sealed class MissingServerException(string program, string package)
    : Exception($"'{program}' was not found. Tests start it: run ./test.sh as root on Debian, which installs it, or install {package}.");
