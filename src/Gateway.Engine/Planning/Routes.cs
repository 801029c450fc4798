namespace Gateway.Engine;

/// <summary>Which routes are tried for a request.</summary>
internal static class Routes
{
    /// <summary>Every route that could serve the members; a stereo pair only when asked for, LE Audio never.</summary>
    public static List<Draft> All(PlanContext context)
    {
        List<Draft> drafts = [WifiGroupRoute.Build(context), FanOutRoute.Build(context)];
        if (context.House.Configured.Transmitters.Count > 0) drafts.AddRange(Of(context, Route.Transmitter));
        if (PartyModeRoute.Applies(context)) drafts.AddRange(Of(context, Route.PartyMode));
        if (AirPlayRoute.Applies(context)) drafts.Add(AirPlayRoute.Build(context));
        // Mixed is last in the table: where one route does it alone, without a user and without a drop, nothing can beat it.
        if (!drafts.Exists(d => d is { IsFeasible: true, Automatic: Automation.Yes, Drops.Count: 0 })) drafts.AddRange(MixedRoute.Build(context));
        return drafts;
    }

    public static List<Draft> Of(PlanContext context, Route route) => route switch
    {
        Route.StereoPair => [StereoPairRoute.Build(context)],
        Route.WifiGroup => [WifiGroupRoute.Build(context)],
        Route.FanOut => [FanOutRoute.Build(context)],
        Route.Transmitter => OrElse([.. Fitting(context).Select(t => TransmitterRoute.Build(context, t))], () => TransmitterRoute.BuildNone(context)),
        Route.PartyMode => PartyModeRoute.BuildAll(context),
        Route.AirPlay => [AirPlayRoute.Build(context)],
        Route.Mixed => OrElse([.. MixedRoute.Build(context)], () => MixedRoute.BuildNone(context)),
        _ => [BroadcastRoute.Build(context)],
    };

    // The transmitters whose speakers are the members; where there is none, those nearest to it explain why.
    private static IEnumerable<ConfiguredTransmitter> Fitting(PlanContext context)
    {
        var all = context.House.Configured.Transmitters;
        var exact = all.Where(t => context.MemberSet.SetEquals(t.Speakers)).ToArray();
        if (exact.Length > 0) return exact;
        var nearest = all.OrderByDescending(t => t.Speakers.Count(context.MemberSet.Contains)).Take(3).ToArray();
        return nearest.Where((t, i) => i == 0 || t.Speakers.Any(context.MemberSet.Contains));
    }

    private static List<Draft> OrElse(List<Draft> drafts, Func<Draft> none) => drafts.Count > 0 ? drafts : [none()];
}
