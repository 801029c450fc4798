namespace Gateway.House;

/// <summary>Who this gateway is, for topics, unique ids and people.</summary>
/// <param name="Id"><c>[a-z0-9_]{1,40}</c>: <c>gateway.id</c>, else random and stored; never changes.</param>
/// <param name="Version">Such as <c>0.1.0</c>.</param>
internal sealed record GatewayIdentity(string Id, string Name, string Version);
