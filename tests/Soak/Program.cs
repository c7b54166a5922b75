using Idempotency.Soak;

if (args is [Children.Command, var work])
{
    using var victim = new Victim(Workload.Parse(work));
    await victim.RunAsync();
    return 0;
}

return await SoakCommand.RunAsync(args);
