using Xunit;

namespace Idempotency.Runtime.Tests.Guard;

/// <summary>Tests of calls that nobody listens to: the listeners of other tests would be told of these calls, too, which would then go another way.</summary>
[CollectionDefinition(nameof(Unobserved), DisableParallelization = true)]
public sealed class Unobserved;
