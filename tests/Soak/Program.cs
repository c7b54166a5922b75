using Idempotency.Soak;

if (args is [Children.Command, var work])
{
    await Victim.RunAsync(Workload.Parse(work));
    return 0;
}

return await SoakCommand.RunAsync(args);
