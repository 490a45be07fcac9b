/** What the service offers, in CSDL 4.0: two entity sets to read, a function for one flat, an action for many. */
export const metadata = `<?xml version="1.0" encoding="UTF-8"?>
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">
  <edmx:DataServices>
    <Schema Namespace="PriceEstimator" xmlns="http://docs.oasis-open.org/odata/ns/edm">
      <EntityType Name="District">
        <Key><PropertyRef Name="Name"/></Key>
        <Property Name="Name" Type="Edm.String" Nullable="false" MaxLength="40"/>
        <Property Name="Sales" Type="Edm.Int32" Nullable="false"/>
        <Property Name="MedianEurPerSqm" Type="Edm.Int32" Nullable="false"/>
      </EntityType>
      <EntityType Name="Sale">
        <Key><PropertyRef Name="Id"/></Key>
        <Property Name="Id" Type="Edm.Int32" Nullable="false"/>
        <Property Name="District" Type="Edm.String" Nullable="false" MaxLength="40"/>
        <Property Name="AreaSqm" Type="Edm.Double" Nullable="false"/>
        <Property Name="Rooms" Type="Edm.Int32" Nullable="false"/>
        <Property Name="YearBuilt" Type="Edm.Int32" Nullable="false"/>
        <Property Name="Floor" Type="Edm.Int32" Nullable="false"/>
        <Property Name="Balcony" Type="Edm.Boolean" Nullable="false"/>
        <Property Name="SoldOn" Type="Edm.Date" Nullable="false"/>
        <Property Name="PriceEur" Type="Edm.Int32" Nullable="false"/>
      </EntityType>
      <ComplexType Name="Flat">
        <Property Name="District" Type="Edm.String" Nullable="false" MaxLength="40"/>
        <Property Name="AreaSqm" Type="Edm.Double" Nullable="false"/>
        <Property Name="Rooms" Type="Edm.Int32" Nullable="false"/>
        <Property Name="YearBuilt" Type="Edm.Int32" Nullable="false"/>
        <Property Name="Floor" Type="Edm.Int32" Nullable="false"/>
        <Property Name="Balcony" Type="Edm.Boolean" Nullable="false"/>
      </ComplexType>
      <ComplexType Name="Estimate">
        <Property Name="PriceEur" Type="Edm.Int32" Nullable="false"/>
        <Property Name="LowEur" Type="Edm.Int32" Nullable="false"/>
        <Property Name="HighEur" Type="Edm.Int32" Nullable="false"/>
      </ComplexType>
      <Function Name="EstimatePrice">
        <Parameter Name="District" Type="Edm.String" Nullable="false"/>
        <Parameter Name="AreaSqm" Type="Edm.Double" Nullable="false"/>
        <Parameter Name="Rooms" Type="Edm.Int32" Nullable="false"/>
        <Parameter Name="YearBuilt" Type="Edm.Int32" Nullable="false"/>
        <Parameter Name="Floor" Type="Edm.Int32" Nullable="false"/>
        <Parameter Name="Balcony" Type="Edm.Boolean" Nullable="false"/>
        <ReturnType Type="PriceEstimator.Estimate" Nullable="false"/>
      </Function>
      <Action Name="EstimatePrices">
        <Parameter Name="Flats" Type="Collection(PriceEstimator.Flat)" Nullable="false"/>
        <ReturnType Type="Collection(PriceEstimator.Estimate)" Nullable="false"/>
      </Action>
      <EntityContainer Name="Container">
        <EntitySet Name="Districts" EntityType="PriceEstimator.District"/>
        <EntitySet Name="Sales" EntityType="PriceEstimator.Sale"/>
        <FunctionImport Name="EstimatePrice" Function="PriceEstimator.EstimatePrice" IncludeInServiceDocument="true"/>
        <ActionImport Name="EstimatePrices" Action="PriceEstimator.EstimatePrices"/>
      </EntityContainer>
    </Schema>
  </edmx:DataServices>
</edmx:Edmx>
`;

export const serviceDocument = (root: string) => ({
  '@odata.context': `${root}/$metadata`,
  value: [
    { name: 'Districts', kind: 'EntitySet', url: 'Districts' },
    { name: 'Sales', kind: 'EntitySet', url: 'Sales' },
    { name: 'EstimatePrice', kind: 'FunctionImport', url: 'EstimatePrice' },
  ],
});
