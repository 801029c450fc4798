namespace Gateway.Simulation;

/// <summary>What devices do by themselves as time goes by.</summary>
internal static class Habits
{
    private static readonly TimeSpan s_perPercent = TimeSpan.FromMinutes(6);

    /// <summary>Once a second, under the gate.</summary>
    public static void Tick(World world)
    {
        foreach (var speaker in world.Speakers.Where(s => s.Powered))
        {
            if (Sounds(world, speaker)) speaker.LastSoundAt = world.Now;
            var idle = world.Now - speaker.LastSoundAt;
            if (speaker.Model?.IdlePowerOffMinutes is { } minutes && idle >= TimeSpan.FromMinutes(minutes)) People.SwitchOff(world, speaker); // S1
        }
    }

    public static int Battery(Speaker speaker, TimeSpan sinceStart) => Math.Max(5, speaker.BatteryPercent - (int)(sinceStart / s_perPercent));

    /// <summary>An Echo or phone on the link plays; the gateway plays when its output carries more than digital silence.</summary>
    private static bool Sounds(World world, Speaker speaker) =>
        world.LinkOf(speaker) is { } link && (link.From is not Adapter || link.Output is { } output && output.TakeHeard());
}
